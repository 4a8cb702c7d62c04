import type { Report } from "../_report.ts";
import { duration, flag, integer, list, mapOf, type Output, section, text } from "../fields.ts";
import { checkHeaders, HOST_PORT, HTTP_URL } from "./_rules.ts";

const DEFAULT_INTERVAL_MS = 10_000;

const INTERVAL = {
  about: "Time between two checks; 0 or less: the default.",
  default: DEFAULT_INTERVAL_MS,
  settle: (value: number) => value > 0 ? value : DEFAULT_INTERVAL_MS,
} as const;
const THRESHOLD = {
  about: "Failures in a row that make unhealthy; 0 and 1: at once.",
  unit: "failures",
  default: 0,
  min: 0,
} as const;
const interval = duration(INTERVAL);
const threshold = integer(THRESHOLD);
const timeout = duration({ about: "Bound on one check; 0: none.", default: 0, min: 0 });

const fileCheck = section({
  file: text({ about: "Unhealthy while this file exists.", required: true }),
  interval,
  threshold: integer({ about: "Not used.", unit: "failures", default: 0, min: 0 }),
}, { about: "A check." });

const httpCheck = section({
  uri: text({ about: "Where a HEAD request is sent.", rule: HTTP_URL, required: true }),
  statuscode: integer({
    about: "Status that is healthy.",
    default: 200,
    min: 0,
    max: 599,
    settle: (value) => value === 0 ? 200 : value,
  }),
  timeout,
  interval,
  headers: mapOf(list(text({ about: "A value." }), { about: "Values of the header." }), {
    about: "Headers of the request.",
    secret: true,
  }),
  threshold,
}, { about: "A check." });

const tcpCheck = section({
  addr: text({ about: "Where a connection is tried.", rule: HOST_PORT, required: true }),
  timeout,
  interval,
  threshold,
}, { about: "A check." });

/** The fields of `health`. */
export const healthSection = section({
  storagedriver: section({
    enabled: flag({ about: "Check the storage driver.", default: false }),
    interval,
    threshold,
  }, { about: "Whether the storage answers." }),
  redis: section({
    enabled: flag({
      about: "Check Redis. Without Redis the registry goes on, only slower: leave it off, unless " +
        "it is better to be out of service.",
      default: false,
      own: true,
    }),
    interval: duration({ ...INTERVAL, own: true }),
    threshold: integer({ ...THRESHOLD, own: true }),
  }, { about: "Whether Redis answers." }),
  file: list(fileCheck, {
    about: "Files that, while they exist, take the registry out of service.",
    environmentNames: ["FILECHECKERS"],
  }),
  http: list(httpCheck, {
    about: "Servers that must answer.",
    environmentNames: ["HTTPCHECKERS"],
  }),
  tcp: list(tcpCheck, {
    about: "Addresses that must take connections.",
    environmentNames: ["TCPCHECKERS"],
  }),
}, { about: "Checks; while one fails, every request is answered with 503." });

/** How often a check runs, and how many failures count. */
export interface HealthPace {
  /** Above 0. */
  readonly intervalMs: number;
  /** Failures in a row that make unhealthy; 0 and 1: at once. */
  readonly threshold: number;
}

/** Unhealthy while `file` exists. */
export interface FileCheckConfig extends HealthPace {
  /** Path of the file. */
  readonly file: string;
}

/** Unhealthy while `uri` does not answer a HEAD request with `statusCode`. */
export interface HttpCheckConfig extends HealthPace {
  /** With http or https. */
  readonly uri: string;
  /** The status that is healthy. */
  readonly statusCode: number;
  /** 0: no bound. */
  readonly timeoutMs: number;
  /** Headers of the request. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** Unhealthy while `addr`, `host:port`, takes no connection. */
export interface TcpCheckConfig extends HealthPace {
  /** `host:port`. */
  readonly addr: string;
  /** 0: no bound. */
  readonly timeoutMs: number;
}

/** The section `health`. */
export interface HealthConfig {
  /** Whether the storage answers. */
  readonly storageDriver: HealthPace & { readonly enabled: boolean };
  /** Whether Redis answers. */
  readonly redis: HealthPace & { readonly enabled: boolean };
  /** Files that must not exist. */
  readonly file: readonly FileCheckConfig[];
  /** Servers that must answer. */
  readonly http: readonly HttpCheckConfig[];
  /** Addresses that must take connections. */
  readonly tcp: readonly TcpCheckConfig[];
}

type HealthInput = Output<typeof healthSection>;

/** Makes the section's final form. */
export function resolveHealth(raw: HealthInput, report: Report): HealthConfig {
  checkNames(raw, report);
  for (const [index, { headers }] of raw.http.entries()) {
    checkHeaders(headers, { path: ["health", "http", index, "headers"], report });
  }
  const { storagedriver, redis } = raw;
  return {
    storageDriver: { enabled: storagedriver.enabled, ...paceOf(storagedriver) },
    redis: { enabled: redis.enabled, ...paceOf(redis) },
    file: raw.file.map((check) => ({ file: check.file, ...paceOf(check) })),
    http: raw.http.map((check) => ({
      uri: check.uri,
      statusCode: check.statuscode,
      timeoutMs: check.timeout,
      headers: check.headers,
      ...paceOf(check),
    })),
    tcp: raw.tcp.map((check) => ({
      addr: check.addr,
      timeoutMs: check.timeout,
      ...paceOf(check),
    })),
  };
}

function paceOf(raw: { readonly interval: number; readonly threshold: number }): HealthPace {
  return { intervalMs: raw.interval, threshold: raw.threshold };
}

/** A check is known by what it looks at, so that no two may look at the same. */
function checkNames({ file, http, tcp }: HealthInput, report: Report): void {
  const names = [
    ...file.map((check, index) => ({ name: check.file, path: ["file", index, "file"] })),
    ...http.map((check, index) => ({ name: check.uri, path: ["http", index, "uri"] })),
    ...tcp.map((check, index) => ({ name: check.addr, path: ["tcp", index, "addr"] })),
  ];
  const seen = new Set<string>();
  for (const { name, path } of names) {
    if (name !== "" && seen.has(name)) {
      report.problem(["health", ...path], {
        expected: "something that no other check looks at",
        message: "Remove the check: another one looks at the same",
      });
    }
    seen.add(name);
  }
}
