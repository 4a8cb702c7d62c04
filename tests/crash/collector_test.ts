import { assert, assertEquals } from "@std/assert";
import { collectors, type Measured, measureOn } from "../../scripts/bench_collector.ts";
import { measured } from "../support/measured.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { soak } from "./soak.ts";

/** The store that both collect; the long form's is the one that the figures are promised for. */
const SIZE = soak({ blobs: 100_000, manifests: 10_000, tagged: 5_000 }, {
  blobs: 4_000,
  manifests: 400,
  tagged: 200,
});

/** Longest time of a collection of the long form, in seconds. */
const MAX_SECONDS = 60;

/** Most memory that a collection may need, in MiB. */
const MAX_MIB = 300;

/** How many times as fast it is at least; in the short form starting it is most of the time. */
const MIN_RATIO = soak(3, 1);

testWith(["registry", "time"], {
  name: "garbage-collect leaves what Distribution's leaves, sooner and in little memory",
  async fn() {
    await using temp = await TempFolder.make();
    const { stowage, distribution } = collectors();
    const measure = (name: string, command: readonly string[]) =>
      measureOn(temp.path, { name, command, size: SIZE });
    const { ours, theirs } = await measured(async () => {
      const ours = await measure("stowage", stowage);
      const theirs = await measure("distribution", distribution);
      printRatio({ ours, theirs });
      return { ours, theirs };
    }, isFastEnough);
    assertEquals(ours.left, theirs.left);
    assert(ours.left.length > SIZE.tagged, `only ${ours.left.length} files are left`);
    assert(ours.peakMiB < MAX_MIB, `it needed ${ours.peakMiB} MiB`);
    assert(isFastEnough({ ours, theirs }), `${ours.seconds} s beside ${theirs.seconds} s`);
  },
});

/** The two collections of one measurement. */
interface Both {
  readonly ours: Measured;
  readonly theirs: Measured;
}

function isFastEnough({ ours, theirs }: Both): boolean {
  return ours.seconds < MAX_SECONDS && theirs.seconds / ours.seconds > MIN_RATIO;
}

function printRatio({ ours, theirs }: Both): void {
  const times = (theirs.seconds / ours.seconds).toFixed(1);
  const processors = (theirs.cpuSeconds / ours.cpuSeconds).toFixed(1);
  console.log(
    `collection: ${SIZE.blobs} blobs: ${times} times as fast as Distribution's, ` +
      `${processors} times by processor time, ${ours.peakMiB.toFixed(0)} MiB`,
  );
}
