import { assertEquals } from "@std/assert";
import { runtimeQuirks } from "../../src/server/runtime_quirks.ts";

Deno.test("runtimeQuirks knows each version by its habits", () => {
  const before = { compressesByItself: true, shutdownCutsBodies: false };
  const since = { compressesByItself: false, shutdownCutsBodies: true };

  for (const version of ["1.46.3", "2.4.2", "2.8.3"]) {
    assertEquals(runtimeQuirks(version), before, version);
  }
  for (const version of ["2.9.0", "2.9.6", "2.10.1", "3.0.0"]) {
    assertEquals(runtimeQuirks(version), since, version);
  }
});
