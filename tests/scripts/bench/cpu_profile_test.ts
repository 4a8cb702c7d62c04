import { assertEquals } from "@std/assert";
import { type CpuProfile, outsideMs, selfTimes } from "../../../scripts/bench/cpu_profile.ts";

function node(id: number, functionName: string, url = "", lineNumber = -1) {
  return { id, callFrame: { functionName, url, lineNumber } };
}

const PROFILE: CpuProfile = {
  nodes: [
    node(1, "(root)"),
    node(2, "read", "file:///somewhere/project/src/a/b.ts", 9),
    node(3, "op_read"),
    // The same function, called from another place.
    node(4, "read", "file:///somewhere/project/src/a/b.ts", 9),
    node(5, "(program)"),
    node(6, "", "https://example.org/x/y.js", 0),
  ],
  samples: [2, 3, 4, 5, 6, 2],
  timeDeltas: [1000, 3000, 1000, 7000, -50, 3000],
};

Deno.test("selfTimes adds up a function over the whole call tree, without waiting", () => {
  assertEquals(selfTimes([PROFILE]), [
    { where: "read /src/a/b.ts:10", selfMs: 5, share: 5 / 8 },
    { where: "op_read", selfMs: 3, share: 3 / 8 },
    { where: "(anonymous) x/y.js:1", selfMs: 0, share: 0 },
  ]);
  assertEquals(selfTimes([PROFILE, PROFILE])[0]?.selfMs, 10);
});

Deno.test("outsideMs is the time in which no JavaScript ran", () => {
  assertEquals(outsideMs([PROFILE, PROFILE]), 14);
});
