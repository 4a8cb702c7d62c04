/**
 * Three replicas over one storage, behind a load balancer that knows no affinity.
 *
 * @module
 */
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import type { StorageDriver } from "../../src/drivers/driver.ts";
import { FilesystemDriver } from "../../src/drivers/filesystem/driver.ts";
import { S3Driver } from "../../src/drivers/s3/driver.ts";
import { type LoadBalancer, startLoadBalancer } from "../support/nginx.ts";
import { startRedis } from "../support/redis.ts";
import { type Registry, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import type { Program } from "../support/tools.ts";
import { S3_BUCKET, S3_KEYS, s3Config, s3Storage, startGateway } from "../support/versitygw.ts";

/** How many replicas there are. */
export const REPLICAS = 3;

/** What replicas share. */
export type FleetKind = "a shared folder" | "S3" | "S3 and Redis";

/** The kinds, and the programs that each needs. */
export const FLEET_NEEDS: Readonly<Record<FleetKind, readonly Program[]>> = {
  "a shared folder": ["nginx"],
  "S3": ["nginx", "versitygw"],
  "S3 and Redis": ["nginx", "versitygw", "redis-server"],
};

/** Replicas that run until the block that holds them is left. */
export interface Fleet extends AsyncDisposable {
  readonly balancer: LoadBalancer;
  /** A folder that the test may write to. */
  readonly folder: string;
  /** Where each replica answers by itself. */
  readonly urls: readonly string[];
  /** The storage, as it is behind all of them. */
  readonly driver: StorageDriver;
  /** How many uploads in parts the store keeps that were not ended. */
  multipartUploads(): Promise<number>;
  /** Kills a replica at once, and starts it anew at the same port. */
  killAndRestart(index: number): Promise<void>;
}

/** Sections that replicas share, and what ends with them. */
interface Shared extends Pick<Fleet, "driver" | "multipartUploads"> {
  readonly config: Readonly<Record<string, unknown>>;
}

/** Starts replicas that share no secret, each with one thread. */
export async function startFleet(kind: FleetKind): Promise<Fleet> {
  await using starting = new AsyncDisposableStack();
  const temp = starting.use(await TempFolder.make());
  const { config, driver, multipartUploads } = await share(kind, { temp, stack: starting });
  starting.defer(() => driver.close());
  const replicas: Registry[] = [];
  const start = async (index: number, port?: number) => {
    const folder = await temp.folder(`replica-${index}`);
    return await startStowage({ folder, config, ...port === undefined ? {} : { port } });
  };
  starting.defer(async () => {
    await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
  });
  for (let index = 0; index < REPLICAS; index++) replicas.push(await start(index));
  const balancer = starting.use(await startLoadBalancer(replicas.map(({ host }) => host)));
  const stack = starting.move();
  return {
    balancer,
    folder: temp.path,
    urls: replicas.map(({ url }) => url),
    driver,
    multipartUploads,
    async killAndRestart(index) {
      const replica = replicas[index];
      if (replica === undefined) throw new Error(`There is no replica ${index}`);
      await replica.process.kill();
      replicas[index] = await start(index, replica.port);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function share(
  kind: FleetKind,
  { temp, stack }: { readonly temp: TempFolder; readonly stack: AsyncDisposableStack },
): Promise<Shared> {
  const common = {
    http: { workers: 1 },
    validation: { manifests: { urls: { allow: ["^https?://"] } } },
  };
  if (kind === "a shared folder") {
    const rootDirectory = await temp.folder("shared");
    const storage = {
      filesystem: { rootdirectory: rootDirectory },
      delete: { enabled: true },
    };
    const driver = new FilesystemDriver({ rootDirectory });
    return { config: { ...common, storage }, driver, multipartUploads: () => Promise.resolve(0) };
  }
  const gateway = stack.use(await startGateway());
  const storage = s3Storage(gateway.url, { chunksize: 5 * 1024 * 1024 });
  const driver = new S3Driver(s3Config(gateway.url));
  const multipartUploads = () => countMultipartUploads(gateway.url);
  if (kind === "S3") return { config: { ...common, storage }, driver, multipartUploads };
  const { addr } = stack.use(await startRedis());
  const cached = { ...storage, cache: { blobdescriptor: "redis" } };
  const config = { ...common, storage: cached, redis: { addrs: [addr] } };
  return { config, driver, multipartUploads };
}

async function countMultipartUploads(endpoint: string): Promise<number> {
  const { accessKey: accessKeyId, secretKey: secretAccessKey } = S3_KEYS;
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    const answer = await client.send(new ListMultipartUploadsCommand({ Bucket: S3_BUCKET }));
    return answer.Uploads?.length ?? 0;
  } finally {
    client.destroy();
  }
}
