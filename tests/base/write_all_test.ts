import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { writeAllSync } from "../../src/base/write_all.ts";

Deno.test("writeAllSync writes on where the system took only some bytes", () => {
  const taken: string[] = [];
  const file = {
    writeSync(bytes: Uint8Array): number {
      const count = Math.min(4, bytes.byteLength);
      taken.push(new TextDecoder().decode(bytes.subarray(0, count)));
      return count;
    },
  } as Deno.FsFile;
  writeAllSync(file, toBytes("0123456789"));
  writeAllSync(file, new Uint8Array(0));
  assertEquals(taken, ["0123", "4567", "89"]);
});
