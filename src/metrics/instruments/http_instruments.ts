import type { InstrumentTable } from "../instrument.ts";

/** 1 KiB, doubled 21 times: to 2 GiB. */
const BYTES_BUCKETS: readonly number[] = Array.from({ length: 22 }, (_, i) => 1024 * 2 ** i);

/**
 * Requests to the API, by route.
 *
 * Source: reference of Distribution, "Prometheus metrics".
 */
export const HTTP_INSTRUMENTS = {
  inFlight: {
    type: "gauge",
    name: "registry_http_in_flight_requests",
    help: "The in-flight HTTP requests",
    labels: ["handler"],
  },
  requests: {
    type: "counter",
    name: "registry_http_requests_total",
    help: "Total number of HTTP requests made.",
    labels: ["code", "method", "handler"],
  },
  duration: {
    type: "histogram",
    name: "registry_http_request_duration_seconds",
    help: "The HTTP request latencies in seconds.",
    labels: ["method", "handler"],
    buckets: [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25, 60],
  },
  requestSize: {
    type: "histogram",
    name: "registry_http_request_size_bytes",
    help: "The HTTP request sizes in bytes.",
    labels: ["handler"],
    buckets: BYTES_BUCKETS,
  },
  responseSize: {
    type: "histogram",
    name: "registry_http_response_size_bytes",
    help: "The HTTP response sizes in bytes.",
    labels: ["handler"],
    buckets: BYTES_BUCKETS,
  },
} as const satisfies InstrumentTable;
