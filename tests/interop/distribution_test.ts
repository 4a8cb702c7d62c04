/**
 * Stowage and Distribution on one folder: each serves what the other wrote, while the other is down
 * and while it runs, and the same pushes leave the same files.
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
import {
  filesystemStorage,
  type Registry,
  type RegistryKind,
  startRegistry,
} from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { type Program, testWith } from "../support/tools.ts";
import { readTree } from "../support/tree.ts";

/** A program that Stowage replaces. */
interface Predecessor {
  readonly kind: RegistryKind;
  readonly program: Program;
  /** Whether it can delete a tag and leave the manifest. */
  readonly deletesTags: boolean;
}

const PREDECESSORS: readonly Predecessor[] = [
  { kind: "distribution2", program: "docker-registry", deletesTags: false },
  { kind: "distribution3", program: "registry", deletesTags: true },
];

/** An image with the names it is pushed under. */
interface Push {
  readonly name: string;
  readonly tags: readonly string[];
  readonly image: Image;
}

/** Images of every kind, spread over repositories, some sharing layers, one without a tag. */
async function makePushes(seed: string): Promise<readonly Push[]> {
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

async function pushAll(registry: Registry, pushes: readonly Push[]): Promise<void> {
  for (const { name, tags, image } of pushes) {
    const repository = { url: registry.url, name };
    await pushImage(repository, { image });
    for (const tag of tags) await pushImage(repository, { image, tag });
  }
}

/** Pulls everything by tag and by digest, and compares bytes, tag lists and the catalog. */
async function verifyAll(registry: Registry, pushes: readonly Push[]): Promise<void> {
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
async function deleteSome(
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
async function verifyDeleted(
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

for (const { kind, program, deletesTags } of PREDECESSORS) {
  const orders = [["stowage", kind], [kind, "stowage"]] as const;
  for (const [first, second] of orders) {
    testWith([program], {
      name: `${second} serves the folder that ${first} wrote, and back`,
      fn: async () => {
        await using temp = await TempFolder.make();
        const config = { storage: filesystemStorage(temp.join("data")) };
        const old = await makePushes("old");
        const added = (await makePushes("added")).map((push) => ({
          ...push,
          name: `added/${push.name}`,
        }));
        const deletes = { pushes: old, withTag: second === "stowage" || deletesTags };
        const start = (started: RegistryKind): Promise<Registry> =>
          startRegistry(started, { folder: temp.path, config });
        {
          await using registry = await start(first);
          await pushAll(registry, old);
        }
        {
          await using registry = await start(second);
          await verifyAll(registry, old);
          await pushAll(registry, old);
          await pushAll(registry, added);
          await deleteSome(registry, deletes);
          await verifyDeleted(registry, deletes);
        }
        {
          await using registry = await start(first);
          await verifyDeleted(registry, deletes);
          await pushAll(registry, old);
          await verifyAll(registry, [...old, ...added]);
        }
      },
    });
  }

  testWith([program], {
    name: `stowage and ${kind} leave the same files for the same pushes and deletes`,
    fn: async () => {
      await using temp = await TempFolder.make();
      const pushes = await makePushes("tree");
      const trees: Readonly<Record<string, string>>[][] = [];
      for (const started of ["stowage", kind] as const) {
        const data = temp.join(started);
        const config = { storage: filesystemStorage(data) };
        await using registry = await startRegistry(started, { folder: temp.path, config });
        await pushAll(registry, pushes);
        const pushed = await readTree(data);
        await deleteSome(registry, { pushes, withTag: deletesTags });
        const deleted = await readTree(data);
        await pushAll(registry, pushes);
        trees.push([pushed, deleted, await readTree(data)]);
      }
      assertEquals(trees[0], trees[1]);
    },
  });

  testWith([program], {
    name: `stowage and ${kind} run on one folder at the same time`,
    fn: async () => {
      await using temp = await TempFolder.make();
      const config = { storage: filesystemStorage(temp.join("data")) };
      await using stowage = await startRegistry("stowage", { folder: temp.path, config });
      await using other = await startRegistry(kind, { folder: temp.path, config });
      const name = "shared/app";
      for (const [writer, reader] of [[stowage, other], [other, stowage]] as const) {
        const here = { url: writer.url, name };
        const there = { url: reader.url, name };
        for (const round of [1, 2, 3]) {
          const image = await makeIndex({ seed: `${writer.kind}/${round}` });
          await pushImage(here, { image, tag: "latest" });
          await verifyImage(there, { image, reference: "latest" });
          assertEquals(await listTags(there), ["latest"]);
        }
        const gone = await makeImage({ seed: `${writer.kind}/gone` });
        await pushImage(here, { image: gone, tag: "gone" });
        await verifyImage(there, { image: gone, reference: "gone" });
        await deleteManifest(here, gone.manifest.digest);
        for (const reference of ["gone", gone.manifest.digest]) {
          assertEquals(await manifestStatus(there, reference), 404);
        }
        await pushImage(there, { image: gone, tag: "gone" });
        await verifyImage(here, { image: gone, reference: "gone" });
        await deleteManifest(there, gone.manifest.digest);
        assertEquals(await manifestStatus(here, "gone"), 404);
      }
    },
  });
}
