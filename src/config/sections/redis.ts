import type { Report } from "../_report.ts";
import {
  anything,
  duration,
  flag,
  integer,
  list,
  optionalSection,
  type Output,
  section,
  text,
} from "../fields.ts";
import { present } from "./_present.ts";
import { warnOfIgnored } from "./_redis_ignored.ts";
import { HOST_PORT } from "./_rules.ts";

/** Distribution's Redis client reads 0 as its default, and anything negative as none: -1 here. */
function zeroIs(fallback: number): (value: number) => number {
  return (value) => value === 0 ? fallback : Math.max(value, -1);
}

/** A bound of which -1 means that there is none, as 0. */
function noneAsZero(value: number): number {
  return Math.max(value, 0);
}

function older(use: string) {
  return anything({
    about: `Name of \`${use}\` in version 2.`,
    obsolete: { use, note: "version 2 had this name" },
  });
}

const servers = {
  addrs: list(text({ about: "`host:port`.", rule: HOST_PORT }), {
    about: "Servers: one, several of a cluster, or the sentinels of `mastername`.",
  }),
  addr: older("redis.addrs"),
  mastername: text({ about: "Name of the master that the sentinels know." }),
  username: text({ about: "User." }),
  password: text({ about: "Password.", secret: true }),
  sentinelusername: text({ about: "User at the sentinels." }),
  sentinelpassword: text({ about: "Password at the sentinels.", secret: true }),
  db: integer({ about: "Number of the database.", default: 0, min: 0 }),
  clientname: text({ about: "Name of the connections." }),
  protocol: integer({ about: "Version of RESP.", default: 3, min: 2, max: 3 }),
  maxretries: integer({
    about: "Times a command is tried again; -1: never.",
    unit: "tries",
    default: 3,
    min: -1,
    settle: zeroIs(3),
  }),
  minretrybackoff: duration({
    about: "Shortest pause between tries.",
    default: 8,
    settle: zeroIs(8),
  }),
  maxretrybackoff: duration({
    about: "Longest pause between tries.",
    default: 512,
    settle: zeroIs(512),
  }),
  dialtimeout: duration({ about: "Bound on connecting.", default: 5000, settle: zeroIs(5000) }),
  readtimeout: duration({
    about: "Bound on reading; negative: none.",
    default: 3000,
    settle: zeroIs(3000),
  }),
  writetimeout: duration({
    about: "Bound on writing; negative: none.",
    defaultText: "`readtimeout`",
  }),
  contexttimeoutenabled: flag({ about: "Let a request's own bound count too.", default: false }),
  maxredirects: integer({
    about: "Redirections that are followed in a cluster.",
    unit: "redirections",
    default: 3,
    settle: zeroIs(3),
  }),
  readonly: flag({ about: "Read from replicas of a cluster.", default: false }),
  routebylatency: flag({ about: "Read from the nearest replica.", default: false }),
  routerandomly: flag({ about: "Read from any replica.", default: false }),
  disableidentity: flag({ about: "Do not name the library to the server.", default: false }),
  identitysuffix: text({ about: "Text behind that name." }),
  unstableresp3: flag({ about: "Use what is unstable in RESP 3.", default: false }),
};

const MAX_IDLE_MS = 30 * 60_000;

const pool = {
  poolfifo: flag({ about: "Use the connection that was idle longest first.", default: false }),
  poolsize: integer({
    about: "Connections for each server.",
    unit: "connections",
    defaultText: "10 for each processor",
    min: 0,
  }),
  pooltimeout: duration({
    about: "Bound on waiting for a connection.",
    defaultText: "`readtimeout` + 1s",
  }),
  minidleconns: integer({
    about: "Least idle connections.",
    unit: "connections",
    default: 0,
    min: 0,
  }),
  maxidleconns: integer({
    about: "Most idle connections; 0: no bound.",
    unit: "connections",
    default: 0,
    min: 0,
  }),
  maxactiveconns: integer({
    about: "Most connections; 0: no bound.",
    unit: "connections",
    default: 0,
    min: 0,
  }),
  connmaxidletime: duration({
    about: "How long a connection may be idle; negative: for ever.",
    default: MAX_IDLE_MS,
    settle: zeroIs(MAX_IDLE_MS),
  }),
  connmaxlifetime: duration({
    about: "How long a connection may live; 0 or less: for ever.",
    default: 0,
    settle: zeroIs(0),
  }),
  pool: optionalSection({
    maxidle: older("redis.maxidleconns"),
    maxactive: older("redis.maxactiveconns"),
    idletimeout: older("redis.connmaxidletime"),
  }, { about: "Version 2's names of the pool's keys." }),
};

/** The fields of `redis`. */
export const redisSection = optionalSection({
  ...servers,
  ...pool,
  tls: section({
    enabled: flag({
      about: "Use TLS. A key of version 2.8, still understood: it switches TLS on without files, " +
        "or off with them.",
      defaultText: "whether there are files",
    }),
    certificate: text({ about: "PEM file of the client's certificate." }),
    key: text({ about: "PEM file of the client's key." }),
    rootcas: list(text({ about: "A PEM file." }), { about: "PEM files of authorities." }),
  }, { about: "TLS." }),
}, { about: "Redis, for the cache of blob descriptors.", inlineName: "OPTIONS" });

/** TLS to Redis; without `rootCas` the system's authorities count. */
export interface RedisTlsConfig {
  /** PEM file; there together with {@linkcode key}. */
  readonly certificate?: string;
  /** PEM file. */
  readonly key?: string;
  /** PEM files. */
  readonly rootCas: readonly string[];
}

/** The section `redis`. */
export interface RedisConfig {
  /** `host:port`, one at least. */
  readonly addrs: readonly string[];
  /** Present: `addrs` are sentinels. */
  readonly masterName?: string;
  /** User. */
  readonly username?: string;
  /** Password. */
  readonly password?: string;
  /** User at the sentinels. */
  readonly sentinelUsername?: string;
  /** Password at the sentinels. */
  readonly sentinelPassword?: string;
  /** Number of the database, 0 or more. */
  readonly db: number;
  /** Name of the connections. */
  readonly clientName?: string;
  /** 2 or 3. */
  readonly protocol: number;
  /** 0: a command is not tried again. */
  readonly maxRetries: number;
  /** Shortest pause between tries; 0: none. */
  readonly minRetryBackoffMs: number;
  /** Longest pause between tries; 0: none. */
  readonly maxRetryBackoffMs: number;
  /** 0: no bound. */
  readonly dialTimeoutMs: number;
  /** 0: no bound. */
  readonly readTimeoutMs: number;
  /** 0: no bound. */
  readonly writeTimeoutMs: number;
  /** Whether a request's own bound counts too. */
  readonly contextTimeoutEnabled: boolean;
  /** Redirections that are followed in a cluster, 0 or more. */
  readonly maxRedirects: number;
  /** Whether replicas of a cluster are read. */
  readonly readOnly: boolean;
  /** Whether the nearest replica is read. */
  readonly routeByLatency: boolean;
  /** Whether any replica is read. */
  readonly routeRandomly: boolean;
  /** Whether the library is not named to the server. */
  readonly disableIdentity: boolean;
  /** Text behind the library's name. */
  readonly identitySuffix?: string;
  /** Whether what is unstable in RESP 3 is used. */
  readonly unstableResp3: boolean;
  /** Whether the connection that was idle longest is used first. */
  readonly poolFifo: boolean;
  /** Absent: 10 for each processor. */
  readonly poolSize?: number;
  /** Bound on waiting for a connection; 0: no bound. */
  readonly poolTimeoutMs: number;
  /** Least idle connections. */
  readonly minIdleConns: number;
  /** 0: no bound. */
  readonly maxIdleConns: number;
  /** 0: no bound. */
  readonly maxActiveConns: number;
  /** 0: for ever. */
  readonly connMaxIdleTimeMs: number;
  /** 0: for ever. */
  readonly connMaxLifetimeMs: number;
  /** Absent: no TLS. */
  readonly tls?: RedisTlsConfig;
}

type RedisInput = NonNullable<Output<typeof redisSection>>;

/** Makes the section's final form; `undefined` where no server is named. */
export function resolveRedis(
  raw: Output<typeof redisSection>,
  report: Report,
): RedisConfig | undefined {
  if (raw === undefined) return undefined;
  if (raw.addrs.length === 0) {
    report.warn(["redis", "addrs"], {
      message: "Ignoring the section: it names no server",
    });
    return undefined;
  }
  const { readtimeout: writetimeout } = raw;
  warnOfIgnored(raw, { report, defaults: { writetimeout, connmaxidletime: MAX_IDLE_MS } });
  const { poolsize = 0 } = raw;
  return present({
    ...resolveServers(raw),
    poolFifo: raw.poolfifo,
    poolSize: poolsize === 0 ? undefined : poolsize,
    poolTimeoutMs: noneAsZero(zeroIs(raw.readtimeout + 1000)(raw.pooltimeout ?? 0)),
    minIdleConns: raw.minidleconns,
    maxIdleConns: raw.maxidleconns,
    maxActiveConns: raw.maxactiveconns,
    connMaxIdleTimeMs: noneAsZero(raw.connmaxidletime),
    connMaxLifetimeMs: noneAsZero(raw.connmaxlifetime),
    tls: resolveTls(raw, report),
  });
}

function resolveServers(raw: RedisInput) {
  return present({
    addrs: raw.addrs,
    masterName: raw.mastername,
    username: raw.username,
    password: raw.password,
    sentinelUsername: raw.sentinelusername,
    sentinelPassword: raw.sentinelpassword,
    db: raw.db,
    clientName: raw.clientname,
    protocol: raw.protocol,
    maxRetries: noneAsZero(raw.maxretries),
    minRetryBackoffMs: noneAsZero(raw.minretrybackoff),
    maxRetryBackoffMs: noneAsZero(raw.maxretrybackoff),
    dialTimeoutMs: noneAsZero(raw.dialtimeout),
    readTimeoutMs: noneAsZero(raw.readtimeout),
    writeTimeoutMs: noneAsZero(zeroIs(raw.readtimeout)(raw.writetimeout ?? 0)),
    contextTimeoutEnabled: raw.contexttimeoutenabled,
    maxRedirects: noneAsZero(raw.maxredirects),
    readOnly: raw.readonly,
    routeByLatency: raw.routebylatency,
    routeRandomly: raw.routerandomly,
    disableIdentity: raw.disableidentity,
    identitySuffix: raw.identitysuffix,
    unstableResp3: raw.unstableresp3,
  });
}

/** Source: Distribution, which goes on without half a pair. */
function resolveTls({ tls }: RedisInput, report: Report): RedisTlsConfig | undefined {
  const { enabled, certificate, key, rootcas } = tls;
  const isPair = certificate !== undefined && key !== undefined;
  if (!isPair && (certificate !== undefined || key !== undefined)) {
    report.warn(["redis", "tls", certificate === undefined ? "certificate" : "key"], {
      message: "Going on without a client certificate: it takes both the certificate and its key",
    });
  }
  if (!(enabled ?? (isPair || rootcas.length > 0))) return undefined;
  return present({
    certificate: isPair ? certificate : undefined,
    key: isPair ? key : undefined,
    rootCas: rootcas,
  });
}
