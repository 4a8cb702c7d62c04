import type { BenchResults, Sample } from "../../../scripts/bench/results.ts";
import type { RegistryKind } from "../../support/servers.ts";

/** Samples of one figure: the values of the rounds, by server. */
export function samplesOf(
  figure: string,
  values: Readonly<Partial<Record<RegistryKind, readonly number[]>>>,
  more: Pick<Sample, "size" | "cpuMs"> = {},
): Sample[] {
  return Object.entries(values).flatMap(([server, rounds]) =>
    rounds.map((value, index) => ({
      figure,
      server: server as RegistryKind,
      round: index + 1,
      value,
      ...more,
    }))
  );
}

/** Samples of every kind of figure. */
export const SAMPLES: readonly Sample[] = [
  ...samplesOf(
    "manifest-get-tag",
    { stowage: [9000, 8000, 10_000], distribution3: [2000, 1900, 2100], distribution2: [400] },
    { cpuMs: 0.1 },
  ),
  ...samplesOf("push-100mb-1", { stowage: [300], distribution3: [250] }, { cpuMs: 200 }),
  ...samplesOf("memory-peak", { stowage: [120, 130], distribution3: [100, 90] }),
  ...samplesOf("tags-first-page", { stowage: [1], distribution3: [2] }, { size: 100 }),
  ...samplesOf("tags-first-page", { stowage: [60], distribution3: [120] }, { size: 100_000 }),
];

/** A run that found {@linkcode SAMPLES}. */
export const RESULTS: BenchResults = {
  startedAt: "2030-01-02T03:04:05.000Z",
  durationS: 600,
  plan: "standard",
  only: [],
  machine: {
    system: "linux 6.1",
    processor: "Some <Processor>",
    cores: 2,
    memoryBytes: 8_000_000_000,
    fileSystem: "ext4",
    loadBefore: 0.25,
    deno: "2.9.6",
  },
  client: { push: 2000, pull: 1800 },
  servers: [
    { kind: "stowage", title: "Stowage", version: "1.2.3, executable" },
    { kind: "distribution3", title: "Distribution 3.1.2", version: "v3.1.2" },
  ],
  leftOut: [{ what: "Distribution 2.8.2", reason: "not installed\nat all" }],
  samples: SAMPLES,
};
