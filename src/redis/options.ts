import type { ClusterOptions, RedisOptions } from "ioredis";
import type { RedisConfig } from "../config/config.ts";

/** The files of `redis.tls`, read. */
export interface RedisTls {
  /** PEM of the client's certificate. */
  readonly cert?: string;
  /** PEM of its key. */
  readonly key?: string;
  /** PEM of the authorities; empty: the system's. */
  readonly ca: readonly string[];
}

/** The name and port of a server. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Splits `host:port`; the host of `[::1]:6379` is without brackets, and no host is this machine. */
export function parseRedisAddress(addr: string): RedisAddress {
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(addr) ?? [];
  return { host: host === "" ? "127.0.0.1" : host, port: Number(port) };
}

/** How long to wait before the connection is tried for the `attempt`th time, in milliseconds. */
export function retryDelayMs(config: RedisConfig, attempt: number): number {
  const { minRetryBackoffMs: min, maxRetryBackoffMs: max } = config;
  // Doubling 20 times reaches any bound; without one the pause grows to ten seconds.
  const delayMs = Math.max(min, 1) * 2 ** Math.min(attempt - 1, 20);
  return Math.min(delayMs, max > 0 ? max : 10_000);
}

/** Replies look the same in both versions of the protocol. */
interface LegacyReplies {
  readonly replyMapping: "legacy";
}

/** The library's options for one server, or for the master that sentinels know. */
export function singleOptions(
  config: RedisConfig,
  tls: RedisTls | undefined,
): RedisOptions & LegacyReplies {
  const options = connectionOptions(config, tls);
  const retryStrategy = (attempt: number) => retryDelayMs(config, attempt);
  if (config.masterName === undefined) {
    const address = parseRedisAddress(config.addrs[0] ?? "");
    return { ...options, ...address, db: config.db, retryStrategy, enableOfflineQueue: false };
  }
  const { sentinelUsername, sentinelPassword } = config;
  return {
    ...options,
    db: config.db,
    retryStrategy,
    enableOfflineQueue: false,
    name: config.masterName,
    sentinels: config.addrs.map(parseRedisAddress),
    sentinelRetryStrategy: retryStrategy,
    ...sentinelUsername === undefined ? {} : { sentinelUsername },
    ...sentinelPassword === undefined ? {} : { sentinelPassword },
    ...options.tls === undefined
      ? {}
      : { sentinelTLS: options.tls, enableTLSForSentinelMode: true },
  };
}

/** The library's options for a cluster. */
export function clusterOptions(
  config: RedisConfig,
  tls: RedisTls | undefined,
): ClusterOptions & { redisOptions: NonNullable<ClusterOptions["redisOptions"]> & LegacyReplies } {
  return {
    redisOptions: connectionOptions(config, tls),
    enableOfflineQueue: false,
    maxRedirections: config.maxRedirects,
    clusterRetryStrategy: (attempt) => retryDelayMs(config, attempt),
    // Replicas lag behind: what was deleted would still be there.
    scaleReads: "master",
    ...config.dialTimeoutMs === 0 ? {} : { slotsRefreshTimeout: config.dialTimeoutMs },
    // With TLS a node must be known by the name on its certificate.
    ...tls === undefined ? {} : { dnsLookup: (address, done) => done(null, address) },
  };
}

function connectionOptions(config: RedisConfig, tls: RedisTls | undefined) {
  const { username, password, clientName, identitySuffix } = config;
  return {
    replyMapping: "legacy",
    protocol: config.protocol === 2 ? 2 : 3,
    maxRetriesPerRequest: config.maxRetries,
    autoResendUnfulfilledCommands: config.maxRetries > 0,
    disableClientInfo: config.disableIdentity,
    ...config.dialTimeoutMs === 0 ? {} : { connectTimeout: config.dialTimeoutMs },
    // A connection that has gone silent is made anew.
    ...config.readTimeoutMs === 0 ? {} : { socketTimeout: config.readTimeoutMs },
    ...username === undefined ? {} : { username },
    ...password === undefined ? {} : { password },
    ...clientName === undefined ? {} : { connectionName: clientName },
    ...identitySuffix === undefined ? {} : { clientInfoTag: identitySuffix },
    ...tls === undefined ? {} : { tls: tlsOptions(tls) },
  } as const;
}

function tlsOptions({ ca, cert, key }: RedisTls) {
  return {
    ...ca.length === 0 ? {} : { ca: [...ca] },
    ...cert === undefined ? {} : { cert },
    ...key === undefined ? {} : { key },
  };
}
