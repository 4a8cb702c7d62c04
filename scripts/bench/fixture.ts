import { PLATFORMS } from "../../tests/support/images.ts";
import type { BlobMaker, FreshBlob } from "./blob_maker.ts";
import { type FreshImage, makeFreshImage, REALISTIC_LAYERS } from "./fresh_image.ts";
import type { Address } from "./http_connection.ts";
import { pushImage } from "./image_transfers.ts";
import { pushBlob, runClients } from "./transfers.ts";

/** Content that every server has before anything is measured. */
export interface Fixture {
  readonly repository: string;
  /** Tag of {@linkcode Fixture.image}. */
  readonly tag: string;
  /** An image of ten small layers. */
  readonly image: FreshImage;
  /** A blob of 1.5 kB. */
  readonly smallBlob: FreshBlob;
  /** A digest that no blob has. */
  readonly missingDigest: string;
  /** Blobs to pull, by their size in bytes. */
  readonly layers: ReadonlyMap<number, FreshBlob>;
  /** Tag of {@linkcode Fixture.realistic}. */
  readonly realisticTag: string;
  /** An image of 40 layers for each of three platforms. */
  readonly realistic: FreshImage;
}

const SMALL_BYTES = 1500;

/** Makes the content; the same goes to every server. */
export function makeFixture(
  blobs: BlobMaker,
  { layerSizes, realisticLayers = REALISTIC_LAYERS }: {
    /** Sizes of the blobs to pull, in bytes. */
    readonly layerSizes: readonly number[];
    /** Sizes of the layers of the large image, in bytes. @default {@linkcode REALISTIC_LAYERS} */
    readonly realisticLayers?: readonly number[];
  },
): Fixture {
  return {
    repository: "library/fixture",
    tag: "latest",
    image: makeFreshImage(blobs, { layerBytes: new Array<number>(10).fill(SMALL_BYTES) }),
    smallBlob: blobs.make(SMALL_BYTES),
    missingDigest: blobs.make(SMALL_BYTES).digest,
    layers: new Map(layerSizes.map((sizeBytes) => [sizeBytes, blobs.make(sizeBytes)])),
    realisticTag: "realistic",
    realistic: makeFreshImage(blobs, { layerBytes: realisticLayers, platforms: PLATFORMS }),
  };
}

/** Pushes the content. */
export async function pushFixture(
  fixture: Fixture,
  server: { readonly address: Address; readonly signal?: AbortSignal },
): Promise<void> {
  const { repository, tag, realisticTag } = fixture;
  await runClients({ ...server, count: 1 }, async (connection) => {
    for (const blob of [fixture.smallBlob, ...fixture.layers.values()]) {
      await pushBlob(connection, { repository, blob });
    }
    await pushImage(connection, fixture.image, { repository, tag });
    await pushImage(connection, fixture.realistic, { repository, tag: realisticTag });
  });
}
