import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Digest, makeDigest } from "../../src/oci/digest.ts";
import { type CacheEntry, planEvictions } from "../../src/proxy/cache_plan.ts";

function digest(index: number): Digest {
  return makeDigest("sha256", index.toString(16).padStart(64, "0"));
}

function blob(index: number, usedAtMs: number, repository = "a"): CacheEntry {
  return { kind: "blob", repository, digest: digest(index), usedAtMs, sizeBytes: 10, needs: [] };
}

function manifest(
  index: number,
  { usedAtMs, needs, repository = "a" }: {
    readonly usedAtMs: number;
    readonly needs: readonly number[];
    readonly repository?: string;
  },
): CacheEntry {
  return {
    kind: "manifest",
    repository,
    digest: digest(index),
    usedAtMs,
    sizeBytes: 1,
    needs: needs.map(digest),
  };
}

function plan(entries: readonly CacheEntry[], limits: { ttlMs?: number; maxSizeBytes?: number }) {
  const all = { nowMs: 1000, ttlMs: 0, maxSizeBytes: 0, ...limits };
  const { evictions, keptBytes } = planEvictions(entries, all);
  return {
    gone: evictions.map(({ entry, reason }) =>
      `${entry.repository}${entries.indexOf(entry)} ${reason}`
    ),
    keptBytes,
  };
}

Deno.test("planEvictions leaves everything without limits", () => {
  assertEquals(plan([blob(1, 0)], {}), { gone: [], keptBytes: 10 });
});

Deno.test("planEvictions takes what was not used for long, but nothing that is still needed", () => {
  const entries = [
    manifest(1, { usedAtMs: 950, needs: [3] }),
    manifest(2, { usedAtMs: 100, needs: [3, 4] }),
    blob(3, 100),
    blob(4, 100),
    blob(5, 950),
  ];
  assertEquals(plan(entries, { ttlMs: 100 }), { gone: ["a1 unused", "a3 unused"], keptBytes: 21 });
});

Deno.test("planEvictions takes the oldest first until the rest is little enough", () => {
  const entries = [
    manifest(1, { usedAtMs: 10, needs: [2] }),
    blob(2, 5),
    manifest(3, { usedAtMs: 20, needs: [4] }),
    blob(4, 20),
    blob(5, 30),
  ];
  assertEquals(plan(entries, { maxSizeBytes: 31 }).gone, ["a0 size"]);
  assertEquals(plan(entries, { maxSizeBytes: 21 }).gone, ["a0 size", "a1 size"]);
  assertEquals(plan(entries, { maxSizeBytes: 1 }).gone.length, 5);
});

Deno.test("planEvictions counts bytes once that two repositories hold", () => {
  const entries = [blob(1, 1), blob(1, 2, "b")];
  assertEquals(plan(entries, { maxSizeBytes: 10 }), { gone: [], keptBytes: 10 });
});

Deno.test("planEvictions keeps what any index or manifest that stays needs", () => {
  const index = fc.integer({ min: 0, max: 9 });
  const entry = fc.record({
    index,
    usedAtMs: fc.integer({ min: 0, max: 999 }),
    needs: fc.array(index, { maxLength: 4 }),
    repository: fc.constantFrom("a", "b"),
  });
  const limits = fc.record({
    ttlMs: fc.integer({ min: 0, max: 1000 }),
    maxSizeBytes: fc.integer({ min: 0, max: 60 }),
  });
  fc.assert(fc.property(fc.array(entry, { maxLength: 20 }), limits, (made, limit) => {
    const unique = new Map(made.map((one) => [`${one.repository}${one.index}`, one]));
    const entries = [...unique.values()].map(({ index, usedAtMs, needs, repository }) =>
      index < 4
        // Nothing needs what comes before it, as no content names itself.
        ? manifest(index, { usedAtMs, repository, needs: needs.filter((one) => one > index) })
        : blob(index, usedAtMs, repository)
    );
    const { evictions } = planEvictions(entries, { nowMs: 1000, ...limit });
    const gone = new Set(evictions.map((eviction) => eviction.entry));
    for (const kept of entries.filter((one) => !gone.has(one))) {
      for (const lost of gone) {
        const isNeeded = lost.repository === kept.repository && kept.needs.includes(lost.digest);
        assertEquals(isNeeded, false);
      }
    }
  }));
});
