import { PLATFORMS } from "../../tests/support/images.ts";
import { settleDisk, warmMemory } from "./disk.ts";
import { type FreshImage, makeFreshImage, REALISTIC_LAYERS } from "./fresh_image.ts";
import {
  pullManifests,
  pullQueued,
  pushImage,
  pushManifests,
  pushQueued,
} from "./image_transfers.ts";
import { timesOf } from "./plan.ts";
import { removePushed } from "./stored_tree.ts";
import { runClients } from "./transfers.ts";
import type { Measured, SmallStand, Workload } from "./workload.ts";

/** How many blobs of an image are on their way at once: Docker's defaults. */
const AT_ONCE = { push: 5, pull: 3 } as const;

/** The clients that push small images, and how many each pushes. */
const CROWD = { clients: 16, images: 12, layerBytes: 1_000_000 } as const;

/** Images as clients push and pull them. */
export const IMAGE_WORKLOADS: readonly Workload<SmallStand>[] = [
  {
    name: "image-push",
    title: "push of an image of 40 layers for 3 platforms",
    group: "images",
    unit: "s",
    better: "lower",
    operation: "image",
    run: pushRealistic,
  },
  {
    name: "image-pull",
    title: "pull of an image of 40 layers for 3 platforms",
    group: "images",
    unit: "s",
    better: "lower",
    operation: "image",
    run: pullRealistic,
  },
  {
    name: "image-push-1mb-16",
    title: "pushes of 1 MB images, 16 clients",
    group: "images",
    unit: "images/s",
    better: "higher",
    operation: "image",
    run: pushCrowd,
  },
];

async function pushRealistic({ server, blobs, signal }: SmallStand): Promise<Measured> {
  const image = makeFreshImage(blobs, { layerBytes: REALISTIC_LAYERS, platforms: PLATFORMS });
  const place = { repository: "pushed/realistic", tag: "latest" };
  const queue = [...image.blobs].reverse();
  const { address, root } = server;
  await warmMemory(root, bytesOf([image]));
  const blobsMs = await runClients(
    { address, count: AT_ONCE.push, signal },
    (connection) => pushQueued(connection, { queue, repository: place.repository }),
  );
  const manifestsMs = await runClients(
    { address, count: 1, signal },
    (connection) => pushManifests(connection, image, place),
  );
  await removePushed(root, { blobs: image.blobs });
  await settleDisk(root);
  return { value: (blobsMs + manifestsMs) / 1000, operations: 1 };
}

async function pullRealistic({ server, fixture, signal }: SmallStand): Promise<Measured> {
  const { repository, realistic, realisticTag: tag } = fixture;
  const queue = [...realistic.blobs].reverse();
  const { address } = server;
  const manifestsMs = await runClients(
    { address, count: 1, signal },
    (connection) => pullManifests(connection, realistic, { repository, tag }),
  );
  const blobsMs = await runClients(
    { address, count: AT_ONCE.pull, signal },
    (connection) => pullQueued(connection, { queue, repository }),
  );
  return { value: (manifestsMs + blobsMs) / 1000, operations: 1 };
}

async function pushCrowd({ server, plan, blobs, signal }: SmallStand): Promise<Measured> {
  const { clients, layerBytes } = CROWD;
  const { address } = server;
  const each = timesOf(plan, CROWD.images);
  const images: FreshImage[][] = Array.from(
    { length: clients },
    () => Array.from({ length: each }, () => makeFreshImage(blobs, { layerBytes: [layerBytes] })),
  );
  await warmMemory(server.root, bytesOf(images.flat()));
  const durationMs = await runClients(
    { address, count: clients, signal },
    async (connection, client) => {
      const repository = `pushed/app-${client}`;
      for (const [index, image] of images[client]?.entries() ?? []) {
        await pushImage(connection, image, { repository, tag: `build-${index}` });
      }
    },
  );
  // Nothing is removed: it would make the next files dear; see `removePushed`.
  await settleDisk(server.root);
  const operations = clients * each;
  return { value: operations / (durationMs / 1000), operations };
}

/** What the blobs of images have together, in bytes. */
function bytesOf(images: readonly FreshImage[]): number {
  const blobs = images.flatMap((image) => image.blobs);
  return blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
