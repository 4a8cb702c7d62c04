import { assertEquals } from "@std/assert";
import { BufferGarbage } from "../../src/server/buffer_garbage.ts";

Deno.test("BufferGarbage is collected every eight mebibytes", () => {
  let collections = 0;
  const garbage = new BufferGarbage(() => void collections++);

  for (let count = 0; count < 4 * 128; count++) garbage.add(64 * 1024);

  assertEquals(collections, 4);
});
