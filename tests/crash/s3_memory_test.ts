import { assertEquals } from "@std/assert";
import { startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { s3Storage, startGateway } from "../support/versitygw.ts";
import { assertPeak, MEBIBYTE, pullStream, pushStream } from "./large_blobs.ts";
import { soak } from "./soak.ts";

/** Size of the one large blob, in bytes: in its long form more than one copy by S3 may move. */
const BLOB_BYTES = soak(6000, 1000) * 1_000_000;

/** What the registry may hold with one large blob on its way, in bytes. */
const LIMIT_BYTES = 200 * MEBIBYTE;

/** How many uploads run at once, how large each is, and what a crowd may make it hold, in bytes. */
const CROWD = { uploads: 64, sizeBytes: soak(128, 16) * MEBIBYTE, limitBytes: 400 * MEBIBYTE };

testWith(["linux", "versitygw"], {
  name: `serve on S3 takes and gives a blob of ${BLOB_BYTES / 1e9} GB in little memory`,
  fn: async () => {
    await using temp = await TempFolder.make();
    await using gateway = await startGateway();
    // One thread, for each further one takes memory of its own, at rest already.
    const config = { storage: s3Storage(gateway.url), http: { workers: 1 } };
    await using registry = await startTestedRegistry({ folder: temp.path, config });
    const repository = { url: registry.url, name: "large" };
    const limitBytes = LIMIT_BYTES;
    const digest = await pushStream(repository, { seed: "large", sizeBytes: BLOB_BYTES });
    await assertPeak(registry, { what: `push of ${BLOB_BYTES / 1e9} GB to S3`, limitBytes });
    const pulled = await pullStream(repository, digest);
    assertEquals(pulled, { digest, sizeBytes: BLOB_BYTES });
    await assertPeak(registry, { what: `pull of ${BLOB_BYTES / 1e9} GB from S3`, limitBytes });
  },
});

testWith(["linux", "versitygw"], {
  name: `serve on S3 takes ${CROWD.uploads} blobs at once in little memory`,
  fn: async () => {
    await using temp = await TempFolder.make();
    await using gateway = await startGateway();
    const config = { storage: s3Storage(gateway.url) };
    await using registry = await startTestedRegistry({ folder: temp.path, config });
    const repository = { url: registry.url, name: "many" };
    await Promise.all(Array.from(
      { length: CROWD.uploads },
      (_, upload) => pushStream(repository, { seed: `${upload}`, sizeBytes: CROWD.sizeBytes }),
    ));
    const sizeMebibytes = CROWD.sizeBytes / MEBIBYTE;
    const what = `${CROWD.uploads} pushes of ${sizeMebibytes} MiB to S3`;
    await assertPeak(registry, { what, limitBytes: CROWD.limitBytes });
  },
});
