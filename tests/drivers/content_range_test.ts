import { assertEquals } from "@std/assert";
import { beginsAt } from "../../src/drivers/content_range.ts";

Deno.test("beginsAt tells whether an answer is the part that was asked for", () => {
  assertEquals(beginsAt(5, "bytes 5-9/20"), true);
  assertEquals(beginsAt(5, "bytes 50-59/90"), false);
  assertEquals(beginsAt(5, "bytes 0-19/20"), false);
  assertEquals(beginsAt(5, null), false);
  // The whole of it begins there as well.
  assertEquals([beginsAt(0, undefined), beginsAt(0, "bytes 0-1/2")], [true, true]);
});
