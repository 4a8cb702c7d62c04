import type { FreshBlob } from "./blob_maker.ts";
import type { FreshImage } from "./fresh_image.ts";
import type { HttpConnection } from "./http_connection.ts";
import { pullBlob, pullManifest, pushBlob, pushManifest, type PushStyle } from "./transfers.ts";

/** Where an image goes or comes from. */
export interface ImagePlace {
  readonly repository: string;
  readonly tag: string;
}

/** Blobs that several connections move, each taking the next one when it is done with one. */
export interface BlobQueue {
  /** In reverse order; it is emptied. */
  readonly queue: FreshBlob[];
  readonly repository: string;
}

/** Pushes an image over one connection: blobs, then manifests, the tagged one last. */
export async function pushImage(
  connection: HttpConnection,
  image: FreshImage,
  { repository, tag, style = "put" }: ImagePlace & { readonly style?: PushStyle },
): Promise<void> {
  for (const blob of image.blobs) await pushBlob(connection, { repository, blob, style });
  await pushManifests(connection, image, { repository, tag });
}

/** Pushes the manifests of an image whose blobs are there. */
export async function pushManifests(
  connection: HttpConnection,
  image: FreshImage,
  { repository, tag }: ImagePlace,
): Promise<void> {
  for (const manifest of image.children) {
    await pushManifest(connection, { repository, reference: manifest.digest, manifest });
  }
  await pushManifest(connection, { repository, reference: tag, manifest: image.manifest });
}

/** Asks for the manifests of an image as clients do: the tag, its digest, each platform. */
export async function pullManifests(
  connection: HttpConnection,
  image: FreshImage,
  { repository, tag }: ImagePlace,
): Promise<void> {
  await pullManifest(connection, { repository, reference: tag, method: "HEAD" });
  for (const { digest } of [image.manifest, ...image.children]) {
    await pullManifest(connection, { repository, reference: digest });
  }
}

/** Pushes blobs over one connection, in the way of Docker, until the queue is empty. */
export async function pushQueued(
  connection: HttpConnection,
  { queue, repository }: BlobQueue,
): Promise<void> {
  for (let blob = queue.pop(); blob !== undefined; blob = queue.pop()) {
    await pushBlob(connection, { repository, blob, style: "patch" });
  }
}

/** Pulls blobs over one connection until the queue is empty. */
export async function pullQueued(
  connection: HttpConnection,
  { queue, repository }: BlobQueue,
): Promise<void> {
  for (let blob = queue.pop(); blob !== undefined; blob = queue.pop()) {
    await pullBlob(connection, { repository, digest: blob.digest });
  }
}
