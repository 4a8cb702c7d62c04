import { assertEquals } from "@std/assert";
import { CA_CERTIFICATE } from "../server/_certificates.ts";
import { startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { writeTlsFiles } from "../support/tls.ts";
import { testWith } from "../support/tools.ts";
import { assertPeak, MEBIBYTE, pullStream, pushStream } from "./large_blobs.ts";
import { soak } from "./soak.ts";

/** Size of the one large blob, in bytes. */
const BLOB_BYTES = soak(5000, 1000) * 1_000_000;

/** What the registry may hold with one large blob on its way, in bytes: TLS takes a share of its own. */
const LIMIT_BYTES = 300 * MEBIBYTE;

const VERSIONS = [
  { version: "HTTP/1.1", http1: true, http2: false },
  { version: "HTTP/2", http1: false, http2: true },
] as const;

for (const { version, ...versions } of VERSIONS) {
  testWith(["linux"], {
    name: `serve takes and gives a blob of ${
      BLOB_BYTES / 1e9
    } GB over TLS in little memory, ${version}`,
    fn: async () => {
      await using temp = await TempFolder.make();
      const tls = await writeTlsFiles(temp);
      const config = { http: { tls } };
      await using registry = await startTestedRegistry({ folder: temp.path, config, tls: true });
      using client = Deno.createHttpClient({ caCerts: [CA_CERTIFICATE], ...versions });
      const repository = { url: registry.url, name: "large", client };
      const digest = await pushStream(repository, { seed: "large", sizeBytes: BLOB_BYTES });
      const over = `${BLOB_BYTES / 1e9} GB over TLS, ${version}`;
      await assertPeak(registry, { what: `push of ${over}`, limitBytes: LIMIT_BYTES });
      const pulled = await pullStream(repository, digest);
      assertEquals(pulled, { digest, sizeBytes: BLOB_BYTES });
      await assertPeak(registry, { what: `pull of ${over}`, limitBytes: LIMIT_BYTES });
    },
  });
}
