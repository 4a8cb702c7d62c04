/**
 * What two registries must be able to do with one storage.
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
import type { Registry, RegistryKind } from "../support/servers.ts";
import { deleteSome, makePushes, pushAll, verifyAll, verifyDeleted } from "./_pushes.ts";

/** Who takes turns. */
export interface Turns {
  /** Starts a registry on the storage. */
  readonly start: (kind: RegistryKind) => Promise<Registry>;
  readonly first: RegistryKind;
  readonly second: RegistryKind;
  /** Whether the one that is not Stowage deletes tags. */
  readonly deletesTags: boolean;
}

/** Has one registry write, the other serve that, write and delete, and the first serve it all. */
export async function shareInTurn({ start, first, second, deletesTags }: Turns): Promise<void> {
  const old = await makePushes("old");
  const added = (await makePushes("added")).map((push) => ({
    ...push,
    name: `added/${push.name}`,
  }));
  const deletes = { pushes: old, withTag: second === "stowage" || deletesTags };
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
}

/** Has each of two registries that run see at once what the other pushes and deletes. */
export async function shareAtOnce(one: Registry, other: Registry): Promise<void> {
  const name = "shared/app";
  for (const [writer, reader] of [[one, other], [other, one]] as const) {
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
}
