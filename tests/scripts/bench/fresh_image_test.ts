import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { BlobMaker } from "../../../scripts/bench/blob_maker.ts";
import { makeFreshImage, REALISTIC_LAYERS } from "../../../scripts/bench/fresh_image.ts";
import { digestOf, MEDIA_TYPES, PLATFORMS } from "../../support/images.ts";

interface Document {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string; readonly size: number }[];
  readonly manifests?: readonly { readonly digest: string; readonly platform: unknown }[];
}

function read(bytes: Uint8Array): Document {
  return JSON.parse(new TextDecoder().decode(bytes));
}

Deno.test("makeFreshImage names its blobs in its manifest", () => {
  const image = makeFreshImage(new BlobMaker(), { layerBytes: [100, 200] });
  const { config, layers } = read(image.manifest.bytes);
  assertEquals(image.manifest.mediaType, MEDIA_TYPES.oci.manifest);
  assertEquals(image.manifest.digest, digestOf(image.manifest.bytes));
  assertEquals(
    [config?.digest, ...layers?.map(({ digest }) => digest) ?? []],
    image.blobs.map(({ digest }) => digest),
  );
  assertEquals(layers?.map(({ size }) => size), [100, 200]);
});

Deno.test("makeFreshImage makes an index for several platforms, all blobs different", () => {
  const blobs = new BlobMaker();
  const image = makeFreshImage(blobs, { layerBytes: [100, 100], platforms: PLATFORMS });
  const { manifests } = read(image.manifest.bytes);
  assertEquals(image.manifest.mediaType, MEDIA_TYPES.oci.index);
  assertEquals(
    manifests?.map(({ digest }) => digest),
    image.children.map(({ digest }) => digest),
  );
  assertEquals(manifests?.map(({ platform }) => platform), [...PLATFORMS]);
  assertEquals(new Set(image.blobs.map(({ digest }) => digest)).size, 9);
  const other = makeFreshImage(blobs, { layerBytes: [100, 100] });
  assertNotEquals(other.manifest.digest, image.children[0]?.digest);
  assertThrows(() => makeFreshImage(blobs, { layerBytes: [], platforms: [] }), RangeError);
});

Deno.test("REALISTIC_LAYERS are 40", () => {
  assertEquals(REALISTIC_LAYERS.length, 40);
});
