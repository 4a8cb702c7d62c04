/**
 * Stowage and Distribution on one folder: each serves what the other wrote, while the other is down
 * and while it runs, and the same pushes leave the same files.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { filesystemStorage, type RegistryKind, startRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { readTree } from "../support/tree.ts";
import { deleteSome, makePushes, PREDECESSORS, pushAll } from "./_pushes.ts";
import { shareAtOnce, shareInTurn } from "./_sharing.ts";

for (const { kind, program, deletesTags } of PREDECESSORS) {
  const orders = [["stowage", kind], [kind, "stowage"]] as const;
  for (const [first, second] of orders) {
    testWith([program], {
      name: `${second} serves the folder that ${first} wrote, and back`,
      fn: async () => {
        await using temp = await TempFolder.make();
        const config = { storage: filesystemStorage(temp.join("data")) };
        const start = (started: RegistryKind) =>
          startRegistry(started, { folder: temp.path, config });
        await shareInTurn({ start, first, second, deletesTags });
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
      await shareAtOnce(stowage, other);
    },
  });
}
