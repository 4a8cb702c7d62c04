import { assertEquals } from "@std/assert";
import { useVectoredWrites } from "../../src/server/vectored_writes.ts";

Deno.test("useVectoredWrites says so to the runtime, unless it was told otherwise", () => {
  for (const [present, expected] of [[undefined, "1"], ["", ""], ["0", "0"]]) {
    let value = present;
    useVectoredWrites({ get: () => value, set: (_name, next) => void (value = next) });
    assertEquals(value, expected);
  }
});
