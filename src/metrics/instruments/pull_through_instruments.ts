import type { InstrumentTable } from "../instrument.ts";

/** Pulling through from other registries: what Distribution does not measure. */
export const PULL_THROUGH_INSTRUMENTS = {
  /** `code` is the HTTP status, or `none` where no answer came. */
  upstreamRequests: {
    type: "counter",
    name: "stowage_proxy_upstream_requests_total",
    help: "Requests to upstream registries.",
    labels: ["upstream", "code"],
  },
  rateLimit: {
    type: "gauge",
    name: "stowage_proxy_upstream_rate_limit",
    help: "How many pulls the upstream allows, as it last said.",
    labels: ["upstream"],
  },
  rateLimitRemaining: {
    type: "gauge",
    name: "stowage_proxy_upstream_rate_limit_remaining",
    help: "How many of the allowed pulls are left, as the upstream last said.",
    labels: ["upstream"],
  },
  stale: {
    type: "counter",
    name: "stowage_proxy_stale_tags_total",
    help: "Tags that were served as they are here because the upstream did not tell.",
    labels: [],
  },
  cachedBytes: {
    type: "gauge",
    name: "stowage_proxy_cached_bytes",
    help: "Bytes of cached content, as of the last time the cache was tidied.",
    labels: [],
  },
  /** `reason` is `unused` or `size`. */
  evicted: {
    type: "counter",
    name: "stowage_proxy_evicted_total",
    help: "Cached blobs and manifests that were removed.",
    labels: ["reason"],
  },
} as const satisfies InstrumentTable;
