import type { Report } from "../_report.ts";

const REPLICAS = "Ignoring the key: masters are read, for replicas lag behind deletes";
const POOL = "Ignoring the key: there is no pool, one connection a thread carries all commands";
const KEPT = "Ignoring the key: the connection is kept while it works";

/** What asks for nothing: it is no news that it has no effect. */
const NOTHING: ReadonlySet<unknown> = new Set([undefined, null, false, 0]);

/** What the client of Distribution knows and this one does not, with the reason. */
const IGNORED: Readonly<Record<string, string>> = {
  readonly: REPLICAS,
  routebylatency: REPLICAS,
  routerandomly: REPLICAS,
  writetimeout: "Ignoring the key: readtimeout counts from the moment when a command is sent",
  contexttimeoutenabled:
    "Ignoring the key: look-ups and removals have bounds of their own in any case",
  unstableresp3: "Ignoring the key: no such command is used",
  poolfifo: POOL,
  poolsize: POOL,
  pooltimeout: POOL,
  minidleconns: POOL,
  maxidleconns: POOL,
  maxactiveconns: POOL,
  connmaxidletime: KEPT,
  connmaxlifetime: KEPT,
};

/** Warns of each key of `redis` that asks for something and changes nothing. */
export function warnOfIgnored(
  raw: Readonly<Record<string, unknown>>,
  { report, defaults }: {
    readonly report: Report;
    /** Values that ask for nothing, beside those that are nothing. */
    readonly defaults: Readonly<Record<string, unknown>>;
  },
): void {
  for (const [key, message] of Object.entries(IGNORED)) {
    const value = raw[key];
    if (NOTHING.has(value) || value === defaults[key]) continue;
    report.warn(["redis", key], { expected: "no such key", message });
  }
}
