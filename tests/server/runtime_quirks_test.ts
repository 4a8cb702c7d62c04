import { assertEquals } from "@std/assert";
import { runtimeQuirks } from "../../src/server/runtime_quirks.ts";

Deno.test("runtimeQuirks knows each version by its habits", () => {
  const [no, yes] = [false, true];
  const habits = [
    // version, compresses, cuts bodies, lacks TLS
    ["1.46.3", yes, no, yes],
    ["2.4.2", yes, no, yes],
    ["2.8.2", yes, no, yes],
    ["2.8.3", yes, no, no],
    ["2.9.0", no, yes, no],
    ["2.9.6", no, yes, no],
    ["2.9.7-rc.1+abc", no, yes, no],
    ["2.10.1", no, yes, no],
    ["3.0.0", no, yes, no],
  ] as const;

  for (const [version, compressesByItself, shutdownCutsBodies, lacksNodeTls] of habits) {
    const expected = {
      compressesByItself,
      shutdownCutsBodies,
      hoardsChunkedBodies: !lacksNodeTls,
      holdsBackTails: compressesByItself,
      lacksNodeTls,
    };
    assertEquals(runtimeQuirks(version), expected, version);
  }
});
