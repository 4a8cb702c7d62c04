import { assertEquals } from "@std/assert";
import { pageOf } from "../../src/proxy/page_of.ts";

Deno.test("pageOf gives what follows a name, which need not exist, up to a limit", () => {
  const names = ["a", "b", "d"];
  assertEquals(pageOf(names, {}), { entries: names, more: false });
  assertEquals(pageOf(names, { limit: 2 }), { entries: ["a", "b"], more: true });
  assertEquals(pageOf(names, { limit: 0 }), { entries: [], more: true });
  assertEquals(pageOf(names, { last: "c", limit: 1 }), { entries: ["d"], more: false });
});
