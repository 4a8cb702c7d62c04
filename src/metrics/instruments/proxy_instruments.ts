import type { InstrumentTable } from "../instrument.ts";

/**
 * Pulling through from another registry. `type` is `blob` or `manifest`.
 *
 * Source: reference of Distribution, "Prometheus metrics".
 */
export const PROXY_INSTRUMENTS = {
  requests: {
    type: "counter",
    name: "registry_proxy_requests_total",
    help: "The number of total incoming proxy requests received",
    labels: ["type"],
  },
  hits: {
    type: "counter",
    name: "registry_proxy_hits_total",
    help: "The number of total proxy request hits",
    labels: ["type"],
  },
  misses: {
    type: "counter",
    name: "registry_proxy_misses_total",
    help: "The number of total proxy request misses",
    labels: ["type"],
  },
  pulledBytes: {
    type: "counter",
    name: "registry_proxy_pulled_bytes_total",
    help: "The size of total bytes pulled from the upstream",
    labels: ["type"],
  },
  pushedBytes: {
    type: "counter",
    name: "registry_proxy_pushed_bytes_total",
    help: "The size of total bytes pushed to the client",
    labels: ["type"],
  },
} as const satisfies InstrumentTable;
