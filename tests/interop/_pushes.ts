/**
 * What the tests of Stowage beside its predecessors push, check and delete.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Image, makeArtifact, makeImage, makeIndex } from "../support/images.ts";
import {
  blobUrl,
  deleteManifest,
  listRepositories,
  listTags,
  manifestStatus,
  pushImage,
  type Repository,
  request,
  verifyImage,
} from "../support/registry_client.ts";
import { type Registry, type RegistryKind } from "../support/servers.ts";
import { type Program } from "../support/tools.ts";

/** A program that Stowage replaces. */
export interface Predecessor {
  readonly kind: RegistryKind;
  readonly program: Program;
  /** Whether it can delete a tag and leave the manifest. */
  readonly deletesTags: boolean;
}

/** The programs that Stowage replaces. */
export const PREDECESSORS: readonly Predecessor[] = [
  { kind: "distribution2", program: "docker-registry", deletesTags: false },
  { kind: "distribution3", program: "registry", deletesTags: true },
];

/** An image with the names it is pushed under. */
export interface Push {
  readonly name: string;
  readonly tags: readonly string[];
  readonly image: Image;
}

/** Images of every kind, spread over repositories, some sharing layers, one without a tag. */
export async function makePushes(seed: string): Promise<readonly Push[]> {
  const shared = await makeImage({ seed: `${seed}/shared`, layerSizes: [100, 400_000] });
  const docker = await makeImage({ seed: `${seed}/docker`, format: "docker" });
  const oci = await makeIndex({ seed: `${seed}/oci` });
  const list = await makeIndex({ seed: `${seed}/list`, format: "docker" });
  const artifact = makeArtifact({ seed: `${seed}/artifact`, artifactType: "application/x-test" });
  return [
    { name: "library/shared", tags: ["v1", "latest"], image: shared },
    { name: "a/very/deep/copy", tags: ["v1"], image: shared },
    { name: "docker", tags: ["1.0", "1.0.1"], image: docker },
    { name: "library/multi", tags: ["oci"], image: oci },
    { name: "library/multi", tags: ["docker"], image: list },
    { name: "library/artifact", tags: ["x"], image: artifact },
    { name: "untagged", tags: [], image: docker },
  ];
}

/** Pushes everything under all its names. */
export async function pushAll(registry: Registry, pushes: readonly Push[]): Promise<void> {
  for (const { name, tags, image } of pushes) {
    const repository = { url: registry.url, name };
    await pushImage(repository, { image });
    for (const tag of tags) await pushImage(repository, { image, tag });
  }
}

/** Pulls everything by tag and by digest, and compares bytes, tag lists and the catalog. */
export async function verifyAll(registry: Registry, pushes: readonly Push[]): Promise<void> {
  const tagged = new Map<string, string[]>();
  for (const { name, tags, image } of pushes) {
    const repository = { url: registry.url, name };
    for (const reference of [undefined, ...tags]) {
      await verifyImage(repository, { image, ...(reference === undefined ? {} : { reference }) });
    }
    tagged.set(name, [...tagged.get(name) ?? [], ...tags]);
  }
  assertEquals(await listRepositories(registry.url), [...tagged.keys()].sort());
  for (const [name, tags] of tagged) {
    if (tags.length === 0) continue;
    // Distribution 2 gives the order of the folder.
    assertEquals([...await listTags({ url: registry.url, name })].sort(), tags.sort());
  }
}

/** Deletes a manifest with two tags, a blob and, if asked, a tag. */
export async function deleteSome(
  registry: Registry,
  { pushes, withTag }: { readonly pushes: readonly Push[]; readonly withTag: boolean },
): Promise<void> {
  const docker = pushes.find(({ name }) => name === "docker");
  const artifact = pushes.find(({ name }) => name === "library/artifact");
  const at = (name: string): Repository => ({ url: registry.url, name });
  if (withTag) await deleteManifest(at("library/shared"), "latest");
  await deleteManifest(at("docker"), docker?.image.manifest.digest ?? "");
  await request(blobUrl(at("library/artifact"), artifact?.image.blobs[1]?.digest ?? ""), {
    method: "DELETE",
    expect: [202],
  });
}

/** Checks that what {@linkcode deleteSome} deleted is gone and that its neighbours are there. */
export async function verifyDeleted(
  registry: Registry,
  { pushes, withTag }: { readonly pushes: readonly Push[]; readonly withTag: boolean },
): Promise<void> {
  const at = (name: string): Repository => ({ url: registry.url, name });
  assertEquals(await manifestStatus(at("library/shared"), "latest"), withTag ? 404 : 200);
  assertEquals(await manifestStatus(at("library/shared"), "v1"), 200);
  assertEquals(await manifestStatus(at("docker"), "1.0"), 404);
  assertEquals(await manifestStatus(at("docker"), "1.0.1"), 404);
  const docker = pushes.find(({ name }) => name === "untagged");
  if (docker !== undefined) await verifyImage(at("untagged"), { image: docker.image });
  const artifact = pushes.find(({ name }) => name === "library/artifact")?.image;
  await request(blobUrl(at("library/artifact"), artifact?.blobs[1]?.digest ?? ""), {
    method: "HEAD",
    expect: [404],
  });
}
