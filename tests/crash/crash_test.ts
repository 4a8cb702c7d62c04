import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { brokenBlobs } from "../support/blob_files.ts";
import { makeIndex } from "../support/images.ts";
import { startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { Ledger } from "./ledger.ts";
import { soak } from "./soak.ts";

/** How often the registry is killed. */
const KILLS = soak(200, 20);

/** How many clients push at the same time. */
const CLIENTS = 4;

/** The kill comes at one of so many steps of the clients, and up to so many milliseconds later. */
const STEPS = 60;
const MAX_DELAY_MS = 12;

/** Numbers from 0 to 1 that are the same for the same seed. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

Deno.test(`serve keeps every promise through ${KILLS} kills in the midst of pushes`, async () => {
  const seed = Number(Deno.env.get("STOWAGE_TEST_SEED") ?? Date.now() % 1_000_000);
  console.log(`crash: STOWAGE_TEST_SEED=${seed} repeats this run`);
  const random = makeRandom(seed);
  await using temp = await TempFolder.make();
  const data = temp.join("data");
  const ledger = new Ledger();
  let acknowledged = 0;
  let resumed = 0;
  for (let round = 0; round < KILLS; round++) {
    await pushUntilKilled({ temp, ledger, random, round });
    await using registry = await startTestedRegistry(options(temp));
    await ledger.verify(registry.url);
    resumed += await ledger.resumeUploads(registry.url);
    await ledger.verify(registry.url);
    acknowledged += ledger.acknowledgedCount;
    ledger.forgetVerified();
  }
  assertEquals(await brokenBlobs(data), []);
  console.log(
    `crash: ${KILLS} kills, ${acknowledged} blobs and manifests acknowledged and found again, ` +
      `${resumed} uploads resumed`,
  );
  assertEquals(acknowledged > 0, true, "Nothing was acknowledged before the kills");
});

/** What one round works with. */
interface Round {
  readonly temp: TempFolder;
  readonly ledger: Ledger;
  readonly random: () => number;
  readonly round: number;
}

/** Starts the registry, lets clients push, and kills it at a random moment. */
async function pushUntilKilled({ temp, ledger, random, round }: Round): Promise<void> {
  await using registry = await startTestedRegistry(options(temp));
  const killAt = Math.floor(random() * STEPS);
  const delayMs = random() * MAX_DELAY_MS;
  const { promise: struck, resolve: strike } = Promise.withResolvers<void>();
  let steps = 0;
  let isKilled = false;
  const onStep = (): void => {
    if (steps++ === killAt) strike();
  };
  const pushes = Array.from({ length: CLIENTS }, async (_, client) => {
    const image = await makeIndex({
      seed: `crash/${round}/${client}`,
      layerSizes: [1000, 300_000 + Math.floor(random() * 700_000)],
      platforms: [{ os: "linux", architecture: "amd64" }],
    });
    // Two clients share a repository, and each moves a tag of its own.
    const repository = { url: registry.url, name: `crash/${client % 2}` };
    try {
      await ledger.push(repository, { image, tag: `client-${client}`, onStep });
    } catch (error) {
      if (!(error instanceof TypeError) || !isKilled) throw error;
    }
  });
  const finished = Promise.all(pushes);
  await Promise.race([struck, finished]);
  await delay(delayMs);
  isKilled = true;
  await registry.process.kill();
  await finished;
}

/** A secret of its own lets a client go on with an upload after a restart. */
function options(temp: TempFolder): Parameters<typeof startTestedRegistry>[0] {
  return { folder: temp.path, config: { http: { secret: "kept through restarts" } } };
}
