/**
 * Stowage and Distribution on one folder: each serves what the other wrote, while the other is down
 * and while it runs, and the same pushes leave the same files.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { makeImage, makeIndex } from "../support/images.ts";
import {
  deleteManifest,
  listTags,
  manifestStatus,
  pushImage,
  verifyImage,
} from "../support/registry_client.ts";
import {
  filesystemStorage,
  type Registry,
  type RegistryKind,
  startRegistry,
} from "../support/servers.ts";
import {
  deleteSome,
  makePushes,
  PREDECESSORS,
  pushAll,
  verifyAll,
  verifyDeleted,
} from "./_pushes.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { readTree } from "../support/tree.ts";

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
