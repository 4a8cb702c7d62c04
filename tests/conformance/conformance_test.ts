/**
 * Runs the conformance suite of the OCI distribution specification against the program.
 *
 * Every feature the suite can ask for is switched on, so that nothing passes by being left out.
 *
 * @module
 */
import { CA_CERTIFICATE } from "../server/_certificates.ts";
import { azureStorage, startAzurite } from "../support/azurite.ts";
import { gcsStorage, startFakeGcs } from "../support/fake_gcs.ts";
import { startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { writeTlsFiles } from "../support/tls.ts";
import { type Program, testWith } from "../support/tools.ts";
import { s3Storage, startGateway } from "../support/versitygw.ts";
import { assertConforms, type Version, VERSIONS } from "./run_suite.ts";

/** A storage to try. */
interface Storage extends AsyncDisposable {
  /** The section of the configuration. */
  readonly section: Readonly<Record<string, unknown>>;
}

/** How to come by a storage. */
interface StorageKind {
  /** Programs beside the suite. */
  readonly needs: readonly Program[];
  make(folder: string): Promise<Storage>;
  /** Whether it is tried with sparse manifests too, for which the storage makes no difference. */
  readonly sparse: boolean;
  /** The versions of the specification. @default all */
  readonly versions?: readonly Version[];
}

/** The storages to try, by the name of their driver. */
const DRIVERS: Readonly<Record<string, StorageKind>> = {
  filesystem: {
    needs: [],
    sparse: true,
    make: (folder) => local({ filesystem: { rootdirectory: `${folder}/data` } }),
  },
  inmemory: { needs: [], sparse: true, make: () => local({ inmemory: {} }) },
  s3: {
    needs: ["versitygw"],
    sparse: false,
    async make() {
      const gateway = await startGateway();
      return remote(gateway, s3Storage(gateway.url));
    },
  },
  azure: {
    needs: ["azurite-blob"],
    sparse: false,
    versions: ["dev"],
    async make() {
      const azurite = await startAzurite();
      return remote(azurite, azureStorage(await azurite.makeContainer()));
    },
  },
  gcs: {
    needs: ["fake-gcs-server"],
    sparse: false,
    versions: ["dev"],
    async make() {
      const server = await startFakeGcs();
      return remote(server, gcsStorage(await server.makeBucket()));
    },
  },
};

function remote(
  server: AsyncDisposable,
  section: Readonly<Record<string, unknown>>,
): Storage {
  return { section, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function local(section: Readonly<Record<string, unknown>>): Promise<Storage> {
  return Promise.resolve({ section, [Symbol.asyncDispose]: () => Promise.resolve() });
}

/** A way to run the suite. */
interface Run {
  readonly version: Version;
  readonly driver: string;
  /** Whether manifests may name content that was never pushed, which the suite then tries. */
  readonly sparse: boolean;
  /** Whether it speaks TLS, and so HTTP/2. */
  readonly tls: boolean;
}

const RUNS: readonly Run[] = [
  ...Object.entries(DRIVERS).flatMap(([driver, kind]) =>
    (kind.versions ?? VERSIONS).flatMap((version) =>
      (kind.sparse ? [false, true] : [false]).map((sparse) => ({
        version,
        driver,
        sparse,
        tls: false,
      }))
    )
  ),
  { version: "dev", driver: "filesystem", sparse: false, tls: true },
];

for (const run of RUNS) {
  const kind = `${run.sparse ? ", sparse manifests" : ""}${run.tls ? ", TLS" : ""}`;
  const storageKind = DRIVERS[run.driver];
  if (storageKind === undefined) continue;
  testWith(["conformance", ...storageKind.needs], {
    name: `OCI conformance ${run.version} passes on ${run.driver}${kind}`,
    fn: async () => {
      await using temp = await TempFolder.make();
      await using storage = await storageKind.make(temp.path);
      await using registry = await startTestedRegistry({
        folder: temp.path,
        config: {
          storage: { ...storage.section, delete: { enabled: true } },
          validation: { manifests: validation(run) },
          ...run.tls ? { http: { tls: await writeTlsFiles(temp) } } : {},
        },
        tls: run.tls,
      });
      const { version, sparse } = run;
      const label = `${version} ${run.driver}${kind}`;
      const env = run.tls
        ? { OCI_TLS: "enabled", SSL_CERT_FILE: await temp.write("ca.crt", CA_CERTIFICATE) }
        : {};
      await assertConforms({ host: registry.host, folder: temp.path, version, sparse, label, env });
    },
  });
}

/** The rules for manifests: foreign layers are allowed, and missing content where asked for. */
function validation({ sparse }: Run): Readonly<Record<string, unknown>> {
  const urls = { allow: ["^https?://"] };
  return sparse ? { urls, blobs: "none", indexes: { platforms: "none" } } : { urls };
}
