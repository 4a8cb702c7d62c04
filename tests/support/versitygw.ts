/**
 * A real S3 server: `versitygw` over a folder.
 *
 * @module
 */
import type { S3Config } from "../../src/config/sections/storage_s3.ts";
import { freePort, ServerProcess } from "./process.ts";
import { TempFolder } from "./temp.ts";
import { programPath } from "./tools.ts";

/** The keys that every server of the tests takes. */
export const S3_KEYS = { accessKey: "test-access", secretKey: "test-secret" } as const;

/** The bucket that every server of the tests has. */
export const S3_BUCKET = "registry";

/** A server that runs until the block that holds it is left. */
export interface Gateway extends AsyncDisposable {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  readonly process: ServerProcess;
  /** The requests since the last call or the start, such as `GetObject a/key`, in their order. */
  takeRequests(): Promise<readonly string[]>;
}

/** Starts a server with one empty bucket. */
export async function startGateway(): Promise<Gateway> {
  const folder = await TempFolder.make();
  const data = await folder.folder("data");
  await folder.folder("data", S3_BUCKET);
  const log = folder.join("access.log");
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = await ServerProcess.start({
    command: programPath("versitygw"),
    args: [
      ...["--access-log", log],
      ...["--port", `127.0.0.1:${port}`, "--keep-alive", "--quiet"],
      ...["posix", "--sidecar", await folder.folder("sidecar"), data],
    ],
    env: { ROOT_ACCESS_KEY: S3_KEYS.accessKey, ROOT_SECRET_KEY: S3_KEYS.secretKey },
    readyUrl: url,
  });
  let seen = 0;
  return {
    url,
    process,
    async takeRequests() {
      const lines = (await Deno.readTextFile(log)).split("\n").slice(seen);
      const requests = lines.flatMap((line) => / s3_(\w+ \S+) /.exec(line)?.[1] ?? []);
      seen += lines.length - 1;
      return requests;
    },
    async [Symbol.asyncDispose]() {
      await process.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The configuration of a driver for a server of the tests. */
export function s3Config(url: string, changes: Partial<S3Config> = {}): S3Config {
  return {
    name: "s3",
    bucket: S3_BUCKET,
    region: "us-east-1",
    ...S3_KEYS,
    regionEndpoint: url,
    forcePathStyle: true,
    encrypt: false,
    secure: false,
    skipVerify: false,
    v4Auth: true,
    chunkSizeBytes: 10 * 1024 * 1024,
    multipartCopyChunkSizeBytes: 32 * 1024 * 1024,
    multipartCopyMaxConcurrency: 100,
    multipartCopyThresholdSizeBytes: 32 * 1024 * 1024,
    rootDirectory: "",
    storageClass: "STANDARD",
    objectAcl: "private",
    useDualStack: false,
    accelerate: false,
    useFipsEndpoint: false,
    logLevel: "off",
    ...changes,
  };
}

/** The section `storage` of a configuration file, for a server of the tests. */
export function s3Storage(
  url: string,
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const s3 = {
    bucket: S3_BUCKET,
    region: "us-east-1",
    accesskey: S3_KEYS.accessKey,
    secretkey: S3_KEYS.secretKey,
    regionendpoint: url,
    forcepathstyle: true,
    secure: false,
    ...changes,
  };
  return { s3, delete: { enabled: true }, redirect: { disable: true } };
}
