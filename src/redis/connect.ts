import type { Logger } from "@logtape/logtape";
import type { Cluster, Redis } from "ioredis";
import { moduleExports } from "../base/module_exports.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { RedisConfig, RedisTlsConfig } from "../config/config.ts";
import { CircuitClient } from "./circuit.ts";
import { type RedisClient, type RedisCommand, RedisError } from "./client.ts";
import { clusterOptions, parseRedisAddress, type RedisTls, singleOptions } from "./options.ts";

/** Longest wait for the first connection, in milliseconds: without Redis the program starts too. */
const FIRST_CONNECTION_MS = 2000;

/** Options of {@linkcode connectRedis}. */
export interface ConnectRedisOptions {
  /** Is told when Redis goes and comes. @default nobody is */
  readonly log?: Logger;
  /** Is told when the connection begins and ceases to stand. @default nobody is */
  readonly onConnected?: (isConnected: boolean) => void;
  /** Longest wait for a reply, in milliseconds. @default `redis.readtimeout`, 3 seconds without */
  readonly timeoutMs?: number;
  /** @default the machine's */
  readonly timers?: Timers;
}

/**
 * Connects to the Redis that the configuration names: a server, a cluster, or the master that
 * sentinels know. All commands share one connection to each server. Where Redis does not answer the
 * client is given all the same, and connects as soon as it can.
 *
 * @throws {RedisError} refused: a file of `redis.tls` cannot be read
 */
export async function connectRedis(
  config: RedisConfig,
  options: ConnectRedisOptions = {},
): Promise<RedisClient> {
  const { log, onConnected = () => {}, timers = SYSTEM_TIMERS } = options;
  const tls = config.tls === undefined ? undefined : await readTls(config.tls);
  const connection = await open(config, tls);
  const timeoutMs = options.timeoutMs ?? (config.readTimeoutMs || 3000);
  // What is wrong shows in each reply; unheard, the event would end the program.
  let reason = "";
  connection.on("error", (error: Error) => {
    if (error.message === reason) return;
    reason = error.message;
    log?.warn("redis cannot be reached", { "redis.reason": reason });
  });
  connection.on("ready", () => {
    reason = "";
    onConnected(true);
  });
  connection.on("close", () => onConnected(false));
  await firstConnection(connection, timers);
  return new CircuitClient(new LibraryClient(connection), { log, timeoutMs, timers });
}

async function open(config: RedisConfig, tls: RedisTls | undefined): Promise<Redis | Cluster> {
  const { Cluster, Redis } = moduleExports(await import("ioredis"));
  if (config.addrs.length > 1 && config.masterName === undefined) {
    const nodes = config.addrs.map(parseRedisAddress);
    return new Cluster(nodes, clusterOptions(config, tls)).on("+node", hearLateErrors);
  }
  const connection = new Redis(singleOptions(config, tls));
  hearLateErrors(connection);
  return connection;
}

/**
 * The library hears the first error of a socket alone; of a second one, such as a write to a server
 * that refused a certificate, nobody would hear, and the thread would end.
 */
function hearLateErrors(connection: Redis): void {
  const hear = () => connection.stream?.on("error", () => {});
  connection.on("connect", hear);
  connection.on("error", hear);
}

/** Waits until the connection stands, or has failed once, or is not worth waiting for. */
async function firstConnection(connection: Redis | Cluster, timers: Timers): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = timers.after(FIRST_CONNECTION_MS, resolve);
  connection.once("ready", resolve);
  connection.once("close", resolve);
  await promise;
  cancel();
  connection.off("ready", resolve);
  connection.off("close", resolve);
}

/** The library behind the seam. */
class LibraryClient implements RedisClient {
  readonly #connection: Redis | Cluster;

  constructor(connection: Redis | Cluster) {
    this.#connection = connection;
  }

  async send([name, ...args]: RedisCommand): Promise<unknown> {
    try {
      return await this.#connection.call(name, ...args);
    } catch (error) {
      // Replies of the server carry the command; what fails on this side does not.
      const isReply = error instanceof Error && "command" in error;
      throw new RedisError(isReply ? "refused" : "unavailable", error);
    }
  }

  close(): void {
    this.#connection.disconnect();
  }
}

async function readTls({ certificate, key, rootCas }: RedisTlsConfig): Promise<RedisTls> {
  const ca = await Promise.all(rootCas.map(readPem));
  if (certificate === undefined || key === undefined) return { ca };
  return { ca, cert: await readPem(certificate), key: await readPem(key) };
}

async function readPem(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new RedisError("refused", error);
  }
}
