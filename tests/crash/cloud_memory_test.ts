/**
 * The memory that large blobs take on their way to and from the stores of Azure and Google; S3 has
 * tests of its own.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { OBJECT_STORES } from "../support/object_stores.ts";
import { startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { assertPeak, MEBIBYTE, pullStream, pushStream } from "./large_blobs.ts";
import { soak } from "./soak.ts";

/** Size of the one large blob, in bytes; the servers of the tests keep it in memory. */
const BLOB_BYTES = soak(1000, 300) * 1_000_000;

/** What the registry may hold with one large blob on its way, in bytes. */
const LIMIT_BYTES = 200 * MEBIBYTE;

/** How many uploads run at once, how large each is, and what a crowd may make it hold, in bytes. */
const CROWD = { uploads: 64, sizeBytes: soak(32, 8) * MEBIBYTE, limitBytes: 400 * MEBIBYTE };

for (const name of ["azure", "gcs"] as const) {
  const kind = OBJECT_STORES[name];
  testWith(["linux", ...kind.needs], {
    name: `serve on ${name} takes and gives large blobs, one or ${CROWD.uploads}, in little memory`,
    async fn() {
      await using temp = await TempFolder.make();
      await using store = await kind.start();
      // One thread, for each further one takes memory of its own, at rest already.
      const config = { storage: store.storage, http: { workers: 1 } };
      await using registry = await startTestedRegistry({ folder: temp.path, config });
      const repository = { url: registry.url, name: "large" };
      const limitBytes = LIMIT_BYTES;
      const size = `${BLOB_BYTES / 1e9} GB`;
      const digest = await pushStream(repository, { seed: "large", sizeBytes: BLOB_BYTES });
      await assertPeak(registry, { what: `push of ${size} to ${name}`, limitBytes });
      const pulled = await pullStream(repository, digest);
      assertEquals(pulled, { digest, sizeBytes: BLOB_BYTES });
      await assertPeak(registry, { what: `pull of ${size} from ${name}`, limitBytes });
      await Promise.all(Array.from(
        { length: CROWD.uploads },
        (_, upload) => pushStream(repository, { seed: `${upload}`, sizeBytes: CROWD.sizeBytes }),
      ));
      const what = `${CROWD.uploads} pushes of ${CROWD.sizeBytes / MEBIBYTE} MiB to ${name}`;
      await assertPeak(registry, { what, limitBytes: CROWD.limitBytes });
    },
  });
}
