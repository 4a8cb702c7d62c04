import { assertEquals } from "@std/assert";
import { randomBytes } from "../support/random_bytes.ts";
import { blobUrl, request } from "../support/registry_client.ts";
import { startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { assertPeak, MEBIBYTE, pullStream, pushStream } from "./large_blobs.ts";
import { soak } from "./soak.ts";

/** Size of the one large blob, in bytes. */
const BLOB_BYTES = soak(5000, 1000) * 1_000_000;

/** What the registry may hold with one large blob on its way, in bytes. */
const LIMIT_BYTES = 200 * MEBIBYTE;

/** How many uploads run at once, how large each is, and what a crowd may make it hold, in bytes. */
const CROWD = { uploads: 64, sizeBytes: soak(128, 16) * MEBIBYTE, limitBytes: 400 * MEBIBYTE };

testWith(["linux"], {
  name: `serve takes and gives a blob of ${BLOB_BYTES / 1e9} GB in little memory`,
  fn: async () => {
    await using temp = await TempFolder.make();
    await using registry = await startTestedRegistry({ folder: temp.path });
    const repository = { url: registry.url, name: "large" };
    const digest = await pushStream(repository, { seed: "large", sizeBytes: BLOB_BYTES });
    const limitBytes = LIMIT_BYTES;
    await assertPeak(registry, { what: `push of ${BLOB_BYTES / 1e9} GB`, limitBytes });
    const pulled = await pullStream(repository, digest);
    assertEquals(pulled, { digest, sizeBytes: BLOB_BYTES });
    await assertPeak(registry, { what: `pull of ${BLOB_BYTES / 1e9} GB`, limitBytes });
  },
});

testWith(["linux"], {
  name: `serve takes ${CROWD.uploads} blobs at once in little memory`,
  fn: async () => {
    await using temp = await TempFolder.make();
    await using registry = await startTestedRegistry({ folder: temp.path });
    const repository = { url: registry.url, name: "many" };
    await Promise.all(Array.from(
      { length: CROWD.uploads },
      (_, upload) => pushStream(repository, { seed: `${upload}`, sizeBytes: CROWD.sizeBytes }),
    ));
    const sizeMebibytes = CROWD.sizeBytes / MEBIBYTE;
    const what = `${CROWD.uploads} pushes of ${sizeMebibytes} MiB`;
    await assertPeak(registry, { what, limitBytes: CROWD.limitBytes });
  },
});

testWith(["linux"], {
  name: "serve holds little for clients that read slowly",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using registry = await startTestedRegistry({ folder: temp.path });
    const repository = { url: registry.url, name: "slow" };
    const sizeBytes = 64 * MEBIBYTE;
    const digest = await pushStream(repository, { seed: "slow", sizeBytes });
    const readers = await Promise.all(Array.from({ length: 32 }, async () => {
      const { body } = await request(blobUrl(repository, digest));
      const reader = body?.getReader();
      await reader?.read();
      return reader;
    }));
    const what = "32 clients that stopped reading";
    await assertPeak(registry, { what, limitBytes: CROWD.limitBytes });
    for (const reader of readers) await reader?.cancel();
    const first = await request(blobUrl(repository, digest), {
      headers: { Range: "bytes=0-9" },
      expect: [206],
    });
    assertEquals(await first.bytes(), randomBytes("slow", 10));
  },
});
