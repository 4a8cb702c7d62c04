/**
 * Stowage and Distribution on one bucket: each serves what the other wrote, one after the other and
 * at the same time.
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
import { type Registry, type RegistryKind, startRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { s3Storage, startGateway } from "../support/versitygw.ts";
import {
  deleteSome,
  makePushes,
  PREDECESSORS,
  pushAll,
  verifyAll,
  verifyDeleted,
} from "./_pushes.ts";

/** Distribution 2 does not start where this is set. */
const ENV = { AWS_CA_BUNDLE: "" } as const;

/** Written as people write it, to see that the keys come out the same. */
const ROOT = "/some/root/";

for (const { kind, program, deletesTags } of PREDECESSORS) {
  const orders = [["stowage", kind], [kind, "stowage"]] as const;
  for (const [first, second] of orders) {
    testWith([program, "versitygw"], {
      name: `${second} serves the bucket that ${first} wrote, and back`,
      fn: async () => {
        await using temp = await TempFolder.make();
        await using gateway = await startGateway();
        const config = { storage: s3Storage(gateway.url, { rootdirectory: ROOT }) };
        const old = await makePushes("old");
        const added = (await makePushes("added")).map((push) => ({
          ...push,
          name: `added/${push.name}`,
        }));
        const deletes = { pushes: old, withTag: second === "stowage" || deletesTags };
        const start = (started: RegistryKind): Promise<Registry> =>
          startRegistry(started, { folder: temp.path, config, env: ENV });
        {
          await using registry = await start(first);
          await pushAll(registry, old);
        }
        {
          await using registry = await start(second);
          await verifyAll(registry, old);
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

  testWith([program, "versitygw"], {
    name: `stowage and ${kind} run on one bucket at the same time`,
    fn: async () => {
      await using temp = await TempFolder.make();
      await using gateway = await startGateway();
      const config = { storage: s3Storage(gateway.url) };
      await using stowage = await startRegistry("stowage", { folder: temp.path, config, env: ENV });
      await using other = await startRegistry(kind, { folder: temp.path, config, env: ENV });
      const name = "shared/app";
      for (const [writer, reader] of [[stowage, other], [other, stowage]] as const) {
        const here = { url: writer.url, name };
        const there = { url: reader.url, name };
        const image = await makeIndex({ seed: writer.kind });
        await pushImage(here, { image, tag: "latest" });
        await verifyImage(there, { image, reference: "latest" });
        assertEquals(await listTags(there), ["latest"]);
        const gone = await makeImage({ seed: `${writer.kind}/gone` });
        await pushImage(here, { image: gone, tag: "gone" });
        await verifyImage(there, { image: gone, reference: "gone" });
        await deleteManifest(here, gone.manifest.digest);
        assertEquals(await manifestStatus(there, gone.manifest.digest), 404);
      }
    },
  });
}
