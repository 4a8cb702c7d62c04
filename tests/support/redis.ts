/**
 * Redis servers in processes of their own.
 *
 * @module
 */
import type { RedisConfig } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { freePort, ServerProcess } from "./process.ts";
import { TempFolder } from "./temp.ts";
import { programPath } from "./tools.ts";

/** A Redis that runs until the block that holds it is left; it keeps nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  readonly process: ServerProcess;
  readonly port: number;
  /** Host and port, as it stands in a configuration. */
  readonly addr: string;
}

/** How to start a Redis. */
export interface RedisServerOptions {
  /** @default a free one */
  readonly port?: number;
  /** Arguments beside those of every server. */
  readonly args?: readonly string[];
  /** The first lines of its configuration file; a sentinel writes to it. */
  readonly file?: string;
}

/** Starts a Redis and waits until it takes connections. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { port = freePort(), args = [], file } = options;
  const temp = await TempFolder.make();
  const common = ["--bind", "127.0.0.1", "--dir", temp.path];
  const path = await temp.write("redis.conf", file ?? "");
  const isTls = args.includes("--tls-port");
  const process = await ServerProcess.start({
    command: programPath("redis-server"),
    args: [
      path,
      ...args,
      ...common,
      ...isTls ? [] : ["--port", String(port)],
      ...file === undefined ? ["--save", ""] : [],
    ],
    readyUrl: port,
  });
  return {
    process,
    port,
    addr: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await process.stop();
      await temp[Symbol.asyncDispose]();
    },
  };
}

/** The section `redis` of a configuration, with all its defaults. */
export function redisConfig(section: Readonly<Record<string, unknown>>): RedisConfig {
  const text = JSON.stringify({ version: "0.1", storage: "inmemory", redis: section });
  const { redis } = loadConfig({ text, fileName: "config.yml", env: {} }).config;
  if (redis === undefined) throw new Error("Name a server in the section");
  return redis;
}
