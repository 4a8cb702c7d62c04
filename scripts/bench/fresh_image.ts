import {
  type Content,
  contentOf,
  descriptorOf,
  MEDIA_TYPES,
  type Platform,
} from "../../tests/support/images.ts";
import { type BlobMaker, blobOf, type FreshBlob } from "./blob_maker.ts";

/** An image that no registry has seen. Its layers cannot be unpacked, which no registry tries. */
export interface FreshImage {
  /** Configurations and layers of all platforms. */
  readonly blobs: readonly FreshBlob[];
  /** The manifests that the last one names; none unless it is an index. */
  readonly children: readonly Content[];
  /** An image manifest for one platform, an index for several. */
  readonly manifest: Content;
}

/** What an image is made of. */
export interface FreshImageOptions {
  /** Sizes of the layers of each platform, in bytes. */
  readonly layerBytes: readonly number[];
  /** @default linux/amd64 alone */
  readonly platforms?: readonly Platform[];
}

const TYPES = MEDIA_TYPES.oci;
const AMD64: Platform = { os: "linux", architecture: "amd64" };

/**
 * Sizes of 40 layers as a large application has them, in bytes: a base system, a few runtimes, and
 * many small steps.
 */
export const REALISTIC_LAYERS: readonly number[] = [
  28_000_000,
  ...repeat(2, 8_000_000),
  ...repeat(5, 1_500_000),
  ...repeat(12, 200_000),
  ...repeat(20, 2_000),
];

/** Makes an image. */
export function makeFreshImage(blobs: BlobMaker, options: FreshImageOptions): FreshImage {
  const { layerBytes, platforms = [AMD64] } = options;
  const images = platforms.map((platform) => makeOne(blobs, { layerBytes, platform }));
  const [first] = images;
  if (first === undefined) throw new RangeError("Cannot make an image for no platform");
  const all = images.flatMap((image) => image.blobs);
  if (images.length === 1) return { blobs: all, children: [], manifest: first.manifest };
  const children = images.map(({ manifest }) => manifest);
  const manifests = children.map((child, index) => ({
    ...descriptorOf(child),
    platform: platforms[index],
  }));
  return { blobs: all, children, manifest: document(TYPES.index, { manifests }) };
}

function makeOne(
  maker: BlobMaker,
  { layerBytes, platform }: {
    readonly layerBytes: readonly number[];
    readonly platform: Platform;
  },
): { readonly blobs: readonly FreshBlob[]; readonly manifest: Content } {
  const layers = layerBytes.map((sizeBytes) => maker.make(sizeBytes));
  const diffIds = layers.map(({ digest }) => digest);
  const config = blobOf(jsonBytes({
    ...platform,
    config: { Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: diffIds },
    history: diffIds.map((_, step) => ({ created_by: `RUN step ${step} of the build` })),
  }));
  const manifest = document(TYPES.manifest, {
    config: descriptorOfBlob(TYPES.config, config),
    layers: layers.map((layer) => descriptorOfBlob(TYPES.layer, layer)),
  });
  return { blobs: [config, ...layers], manifest };
}

function document(mediaType: string, content: Readonly<Record<string, unknown>>): Content {
  return contentOf(mediaType, jsonBytes({ schemaVersion: 2, mediaType, ...content }));
}

function descriptorOfBlob(mediaType: string, { digest, sizeBytes }: FreshBlob) {
  return { mediaType, digest, size: sizeBytes };
}

function jsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function repeat(count: number, sizeBytes: number): number[] {
  return new Array<number>(count).fill(sizeBytes);
}
