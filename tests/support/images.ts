/**
 * Images made for tests: real ones, that container engines can unpack, with the same bytes each time
 * for the same seed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { join } from "@std/path";
import { packTar } from "modern-tar";
import { randomBytes } from "./random_bytes.ts";

/** Bytes with what a registry calls them. */
export interface Content {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A manifest with everything it needs. */
export interface Image {
  readonly manifest: Content;
  /** The configuration and the layers, in this order. */
  readonly blobs: readonly Content[];
  /** What the manifest names other manifests by; empty unless it is an index. */
  readonly children: readonly Image[];
}

/** The two families of media types. */
export type ImageFormat = "oci" | "docker";

/** The system an image is made for. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** What an image is made of. */
export interface ImageOptions {
  /** Images of different seeds share no layer. */
  readonly seed: string;
  /** Size of what each layer unpacks to, in bytes. @default two small layers */
  readonly layerSizes?: readonly number[];
  /** @default "oci" */
  readonly format?: ImageFormat;
  /** @default linux/amd64 */
  readonly platform?: Platform;
}

/** The media types of each family. */
export const MEDIA_TYPES = {
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    index: "application/vnd.oci.image.index.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
} as const satisfies Record<ImageFormat, Record<string, string>>;

/** Media type of what is neither an image nor a part of one. */
const EMPTY_TYPE = "application/vnd.oci.empty.v1+json";

/** The platforms of the images of {@linkcode makeIndex} when nothing else is asked for. */
export const PLATFORMS: readonly Platform[] = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64", variant: "v8" },
  { os: "linux", architecture: "s390x" },
];

const AMD64: Platform = { os: "linux", architecture: "amd64" };

/** The digest of some bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Makes an image that an engine can unpack. */
export async function makeImage(options: ImageOptions): Promise<Image> {
  const { seed, layerSizes = [2000, 3000], format = "oci", platform = AMD64 } = options;
  const types = MEDIA_TYPES[format];
  const layers: Content[] = [];
  const diffIds: string[] = [];
  for (const [index, sizeBytes] of layerSizes.entries()) {
    const tar = await makeTar(`${seed}/${index}`, { name: `layer-${index}.bin`, sizeBytes });
    diffIds.push(digestOf(tar));
    layers.push(contentOf(types.layer, new Uint8Array(gzipSync(tar, { level: 1 }))));
  }
  const config = contentOf(
    types.config,
    jsonBytes({
      created: "2024-01-02T03:04:05Z",
      ...platform,
      config: { Env: ["PATH=/bin"], Labels: { seed } },
      rootfs: { type: "layers", diff_ids: diffIds },
      history: layers.map((_, index) => ({
        created: "2024-01-02T03:04:05Z",
        created_by: `layer ${index}`,
      })),
    }),
  );
  const manifest = contentOf(
    types.manifest,
    jsonBytes({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: descriptorOf(config),
      layers: layers.map(descriptorOf),
    }),
  );
  return { manifest, blobs: [config, ...layers], children: [] };
}

/** What an index is made of. */
export interface IndexOptions extends Omit<ImageOptions, "platform"> {
  /** One image is made for each. @default {@linkcode PLATFORMS} */
  readonly platforms?: readonly Platform[];
}

/** Makes an index with an image for each of several platforms. */
export async function makeIndex(options: IndexOptions): Promise<Image> {
  const { seed, format = "oci", platforms = PLATFORMS, ...rest } = options;
  const children: Image[] = [];
  for (const platform of platforms) {
    const childSeed = `${seed}/${platform.architecture}`;
    children.push(await makeImage({ ...rest, seed: childSeed, format, platform }));
  }
  const manifest = contentOf(
    MEDIA_TYPES[format].index,
    jsonBytes({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES[format].index,
      manifests: children.map((child, index) => ({
        ...descriptorOf(child.manifest),
        platform: platforms[index],
      })),
    }),
  );
  return { manifest, blobs: [], children };
}

/** What an artifact is made of. */
export interface ArtifactOptions {
  readonly seed: string;
  readonly artifactType: string;
  /** The manifest that the artifact says something about. */
  readonly subject?: Image;
  /** Size of its one blob, in bytes. @default 500 */
  readonly sizeBytes?: number;
}

/** Makes an artifact, such as a signature, which may refer to another manifest. */
export function makeArtifact(options: ArtifactOptions): Image {
  const { seed, artifactType, subject, sizeBytes = 500 } = options;
  const config = contentOf(EMPTY_TYPE, jsonBytes({}));
  const layer = contentOf(artifactType, randomBytes(seed, sizeBytes));
  const manifest = contentOf(
    MEDIA_TYPES.oci.manifest,
    jsonBytes({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.oci.manifest,
      artifactType,
      config: descriptorOf(config),
      layers: [descriptorOf(layer)],
      ...(subject === undefined ? {} : { subject: descriptorOf(subject.manifest) }),
      annotations: { seed },
    }),
  );
  return { manifest, blobs: [config, layer], children: [] };
}

/** Every manifest of an image: its children first, so that this is an order to push them in. */
export function manifestsOf(image: Image): Content[] {
  return [...image.children.flatMap(manifestsOf), image.manifest];
}

/** Every blob of an image and of its children, each once. */
export function blobsOf(image: Image): Content[] {
  const all = [...image.children.flatMap(blobsOf), ...image.blobs];
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()];
}

/**
 * Writes images as an OCI layout, the form in which tools keep images in a folder.
 *
 * @param folder is made where it does not exist
 * @param tagged the images by tag
 */
export async function writeOciLayout(
  folder: string,
  tagged: Readonly<Record<string, Image>>,
): Promise<void> {
  await Deno.mkdir(join(folder, "blobs/sha256"), { recursive: true });
  for (const image of Object.values(tagged)) {
    for (const { digest, bytes } of [...blobsOf(image), ...manifestsOf(image)]) {
      await Deno.writeFile(join(folder, "blobs", digest.replace(":", "/")), bytes);
    }
  }
  const manifests = Object.entries(tagged).map(([tag, { manifest }]) => ({
    ...descriptorOf(manifest),
    annotations: { "org.opencontainers.image.ref.name": tag },
  }));
  await Deno.writeFile(join(folder, "oci-layout"), jsonBytes({ imageLayoutVersion: "1.0.0" }));
  await Deno.writeFile(join(folder, "index.json"), jsonBytes({ schemaVersion: 2, manifests }));
}

/** Names bytes by their digest. */
export function contentOf(mediaType: string, bytes: Uint8Array<ArrayBuffer>): Content {
  return { mediaType, digest: digestOf(bytes), bytes };
}

/** The descriptor of some content. */
export function descriptorOf(
  { mediaType, digest, bytes }: Content,
): { readonly mediaType: string; readonly digest: string; readonly size: number } {
  return { mediaType, digest, size: bytes.length };
}

/** An archive with one file of random bytes. */
function makeTar(
  seed: string,
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const mtime = new Date(1_704_164_645_000);
  return packTar([
    { header: { name: "data/", size: 0, type: "directory", mtime, mode: 0o755, uid: 0, gid: 0 } },
    {
      header: { name: `data/${name}`, size: sizeBytes, mtime, mode: 0o644, uid: 0, gid: 0 },
      body: randomBytes(seed, sizeBytes),
    },
  ]);
}

function jsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}
