/**
 * Replicas that die in the midst of pushes: whoever tries again succeeds, and what was acknowledged
 * is there.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { purgeUploads } from "../../src/storage/purge_uploads.ts";
import { soak } from "../crash/soak.ts";
import { SILENT } from "../storage/_doubles.ts";
import { type Image, makeImage } from "../support/images.ts";
import { randomBytes } from "../support/random_bytes.ts";
import {
  pushImage,
  type Repository,
  request,
  startUpload,
  UnexpectedStatusError,
  verifyImage,
} from "../support/registry_client.ts";
import { testWith } from "../support/tools.ts";
import { type Fleet, FLEET_NEEDS, type FleetKind, REPLICAS, startFleet } from "./fleet.ts";

/** How many clients push at the same time. */
const PUSHES = 100;

/** A layer that S3 takes in three parts, and how many images share one that has such. */
const [LARGE_BYTES, LARGE_EVERY] = [11_000_000, 10];

/** How often a replica is killed at least. */
const KILLS = soak(40, 6);

/** Longest pause between a replica that is back and the next kill, in milliseconds. */
const MAX_PAUSE_MS = 1500;

/** A client gives up after so many tries. */
const MAX_TRIES = 500;

/** The pause between two tries, in milliseconds. */
const RETRY_MS = 50;

for (const kind of Object.keys(FLEET_NEEDS) as FleetKind[]) {
  testWith(FLEET_NEEDS[kind], {
    name: `replicas on ${kind} may be killed at any time`,
    async fn() {
      await using fleet = await startFleet(kind);
      const images = await Promise.all(
        Array.from({ length: PUSHES }, (_, index) => imageOf(index)),
      );
      await leaveUnfinished(fleet);
      let tries = 0;
      const pushing = Promise.all(images.map(async (image, index) => {
        const needed = await pushRetrying(repositoryOf(fleet, index), { image, tag: `v${index}` });
        tries += needed;
      }));
      // It is heard of once the kills are over.
      pushing.catch(() => {});
      for (let kill = 0; kill < KILLS; kill++) {
        await delay(Math.random() * MAX_PAUSE_MS);
        await fleet.killAndRestart(Math.floor(Math.random() * REPLICAS));
      }
      await pushing;
      await verifyAll(fleet, images);
      const left = await fleet.multipartUploads();
      assertEquals(left > 0, kind !== "a shared folder");
      await assertNothingLeft(fleet);
      await verifyAll(fleet, images);
      console.log(
        `replicas: on ${kind}, ${KILLS} kills during ${PUSHES} concurrent pushes, ` +
          `${tries} tries, every image verified, ${left} uploads in parts swept`,
      );
    },
  });
}

function imageOf(index: number): Promise<Image> {
  const largeBytes = index % LARGE_EVERY === 0 ? LARGE_BYTES : 300_000;
  return makeImage({ seed: `kill ${index}`, layerSizes: [1000, largeBytes + index] });
}

/** Sends the first part of a blob, and never ends it. */
async function leaveUnfinished(fleet: Fleet): Promise<void> {
  const patch = await request((await startUpload(repositoryOf(fleet, 0))).href, {
    method: "PATCH",
    body: randomBytes("unfinished", LARGE_BYTES),
    headers: { "Content-Type": "application/octet-stream" },
    expect: [202],
  });
  await patch.body?.cancel();
}

/** Ten clients share a repository. */
function repositoryOf({ balancer }: Fleet, index: number): Repository {
  return { url: balancer.url, name: `kill/${Math.floor(index / 10)}` };
}

/** Pushes as clients do that try again where a server fails; gives how many tries it took. */
async function pushRetrying(
  repository: Repository,
  push: { readonly image: Image; readonly tag: string },
): Promise<number> {
  for (let tries = 1;; tries++) {
    try {
      await pushImage(repository, push);
      return tries;
    } catch (error) {
      const isServers = error instanceof TypeError ||
        (error instanceof UnexpectedStatusError && error.status >= 500);
      if (!isServers || tries === MAX_TRIES) throw error;
      await delay(RETRY_MS);
    }
  }
}

/** Pulls every image through the load balancer. */
async function verifyAll(fleet: Fleet, images: readonly Image[]): Promise<void> {
  for (const [index, image] of images.entries()) {
    await verifyImage(repositoryOf(fleet, index), { image, reference: `v${index}` });
  }
}

/** Purges what was cut off, and checks that the storage holds nothing of it any more. */
async function assertNothingLeft({ driver, multipartUploads }: Fleet): Promise<void> {
  const { failed } = await purgeUploads(driver, {
    log: SILENT,
    // Dates of the store may be whole seconds.
    startedBeforeMs: Date.now() + 2000,
    dryRun: false,
    signal: new AbortController().signal,
  });
  assertEquals(failed, 0);
  assertEquals(await multipartUploads(), 0);
  for await (const { path } of driver.walk("/docker/registry/v2/repositories")) {
    assertEquals(/\/_uploads\/[^/]+/.test(path), false, path);
  }
}
