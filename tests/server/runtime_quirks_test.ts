import { assertEquals } from "@std/assert";
import { runtimeQuirks } from "../../src/server/runtime_quirks.ts";

Deno.test("runtimeQuirks knows each version by its habits", () => {
  const [no, yes] = [false, true];
  const habits = [
    // version, compresses, cuts bodies, hoards bodies
    ["1.46.3", yes, no, no],
    ["2.4.2", yes, no, no],
    ["2.8.2", yes, no, no],
    ["2.8.3", yes, no, yes],
    ["2.9.0", no, yes, yes],
    ["2.9.6", no, yes, yes],
    ["2.9.7-rc.1+abc", no, yes, yes],
    ["2.10.1", no, yes, yes],
    ["3.0.0", no, yes, yes],
  ] as const;

  for (const [version, compressesByItself, shutdownCutsBodies, hoardsChunkedBodies] of habits) {
    const lacksNodeTls = !hoardsChunkedBodies;
    const expected = { compressesByItself, shutdownCutsBodies, hoardsChunkedBodies, lacksNodeTls };
    assertEquals(runtimeQuirks(version), expected, version);
  }
});
