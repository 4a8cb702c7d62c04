import type { InstrumentTable } from "../instrument.ts";

/**
 * The cache of blob descriptors.
 *
 * Source: reference of Distribution, "Prometheus metrics".
 */
export const CACHE_INSTRUMENTS = {
  requests: {
    type: "counter",
    name: "registry_storage_cache_requests_total",
    help: "The number of cache requests",
    labels: [],
  },
  hits: {
    type: "counter",
    name: "registry_storage_cache_hits_total",
    help: "The number of cache hits",
    labels: [],
  },
  errors: {
    type: "counter",
    name: "registry_storage_cache_errors_total",
    help: "The number of cache errors",
    labels: [],
  },
  /** `operation` is `Stat`, `SetDescriptor`, `RepoStat` or `RepoSetDescriptor`. */
  redis: {
    type: "histogram",
    name: "registry_storage_cache_redis_seconds",
    help: "The number of seconds that the Redis operation takes",
    labels: ["operation"],
  },
} as const satisfies InstrumentTable;
