import { assertEquals } from "@std/assert";
import { findTracing } from "../../src/app/tracing.ts";

Deno.test("findTracing finds nothing where nobody traces", async () => {
  assertEquals(await findTracing(), undefined);
});
