import type { Config, EndpointConfig, RedisConfig } from "../config/config.ts";
import { HIDDEN, plainValue } from "../log/field_value.ts";
import type { Instrument } from "../metrics/instrument.ts";
import { NOTIFICATION_INSTRUMENTS } from "../metrics/instruments/notification_instruments.ts";
import { PROXY_INSTRUMENTS } from "../metrics/instruments/proxy_instruments.ts";
import { REDIS_INSTRUMENTS } from "../metrics/instruments/redis_instruments.ts";
import { type MetricsSnapshot, sumOf } from "../metrics/snapshot.ts";

/** Go counts durations in nanoseconds. */
const NANOSECONDS_PER_MS = 1e6;

/**
 * The document of `/debug/vars`: what Distribution publishes there, counted over all threads.
 * Unlike there, it holds no secret.
 *
 * Source: reference of Distribution, "Expvar names"; Go's `expvar`.
 */
export function debugVars(config: Config, metrics: MetricsSnapshot): Record<string, unknown> {
  const { rss, heapTotal, heapUsed, external } = Deno.memoryUsage();
  return {
    cmdline: [Deno.execPath(), ...Deno.args],
    memstats: {
      Alloc: heapUsed,
      Sys: rss,
      HeapAlloc: heapUsed,
      HeapSys: heapTotal,
      HeapInuse: heapUsed,
      External: external,
    },
    registry: {
      notifications: { endpoints: endpointVars(config, metrics) },
      ...config.redis === undefined ? {} : { redis: redisVars(config.redis, metrics) },
      ...config.proxy === undefined ? {} : {
        proxy: { blobs: proxyVars("blob", metrics), manifests: proxyVars("manifest", metrics) },
      },
    },
  };
}

/** Source: reference of Distribution, "Delivery pipeline per endpoint". */
function endpointVars({ notifications }: Config, metrics: MetricsSnapshot) {
  if (notifications.endpoints.length === 0) return null;
  return notifications.endpoints.map((endpoint) => ({
    name: endpoint.name,
    url: plainValue("url", new URL(endpoint.url)),
    Headers: Object.fromEntries(Object.keys(endpoint.headers).map((name) => [name, [HIDDEN]])),
    Timeout: endpoint.timeoutMs * NANOSECONDS_PER_MS,
    Threshold: endpoint.threshold,
    Backoff: endpoint.backoffMs * NANOSECONDS_PER_MS,
    IgnoredMediaTypes: endpoint.ignore.mediaTypes,
    Ignore: { MediaTypes: endpoint.ignore.mediaTypes, Actions: endpoint.ignore.actions },
    Metrics: endpointMetrics(endpoint, metrics),
  }));
}

function endpointMetrics({ name: endpoint }: EndpointConfig, metrics: MetricsSnapshot) {
  const { events, pending, status } = NOTIFICATION_INSTRUMENTS;
  const count = (type: string) => sumOf(metrics, events, { type, endpoint });
  return {
    Pending: sumOf(metrics, pending, { endpoint }),
    Events: count("Events"),
    Successes: count("Successes"),
    Failures: count("Failures"),
    Errors: count("Errors"),
    Statuses: Object.fromEntries(
      valuesOf("code", { instrument: status, metrics })
        .map((code) => [code, sumOf(metrics, status, { code, endpoint })] as const)
        .filter(([, times]) => times > 0),
    ),
  };
}

/** `Config` is the section alone; in Distribution it is the whole file, secrets and all. */
function redisVars(redis: RedisConfig, metrics: MetricsSnapshot) {
  return {
    Config: plainValue("redis", redis),
    Active: sumOf(metrics, REDIS_INSTRUMENTS.connections),
  };
}

function proxyVars(type: "blob" | "manifest", metrics: MetricsSnapshot) {
  const count = (instrument: Instrument) => sumOf(metrics, instrument, { type });
  return {
    Requests: count(PROXY_INSTRUMENTS.requests),
    Hits: count(PROXY_INSTRUMENTS.hits),
    Misses: count(PROXY_INSTRUMENTS.misses),
    BytesPulled: count(PROXY_INSTRUMENTS.pulledBytes),
    BytesPushed: count(PROXY_INSTRUMENTS.pushedBytes),
  };
}

/** The values that a label has taken. */
function valuesOf(
  label: string,
  { instrument, metrics }: { readonly instrument: Instrument; readonly metrics: MetricsSnapshot },
): string[] {
  const index = instrument.labels.indexOf(label);
  const found = metrics.find((one) => one.instrument.name === instrument.name);
  return [...new Set(found?.series.map(({ labels }) => labels[index] ?? ""))];
}
