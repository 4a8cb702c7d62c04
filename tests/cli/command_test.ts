import { assertEquals } from "@std/assert";
import { printLine } from "../../src/cli/command.ts";

Deno.test("printLine writes all of it where the output takes little at a time", async () => {
  const pieces: string[] = [];
  const output = {
    write: (bytes: Uint8Array) => {
      pieces.push(new TextDecoder().decode(bytes.subarray(0, 4)));
      return Promise.resolve(Math.min(4, bytes.byteLength));
    },
  };

  await printLine(output, "a longer line");

  assertEquals(pieces, ["a lo", "nger", " lin", "e\n"]);
});
