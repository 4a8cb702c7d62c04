import { assert, assertEquals, assertMatch } from "@std/assert";
import { ALL_INSTRUMENTS } from "../../src/metrics/all_instruments.ts";

Deno.test("ALL_INSTRUMENTS has no name twice", () => {
  const names = ALL_INSTRUMENTS.map(({ name }) => name);
  assertEquals([...new Set(names)], names);
});

Deno.test("ALL_INSTRUMENTS has names, labels and buckets that Prometheus takes", () => {
  for (const instrument of ALL_INSTRUMENTS) {
    const { name, help, labels, type } = instrument;
    assertMatch(name, /^(?:registry|stowage|process)_[a-z_]+$/);
    assert(help.length > 0, name);
    for (const label of labels) assertMatch(label, /^[a-z_]+$/, name);
    if (type === "counter") assert(name.endsWith("_total"), name);
    if (instrument.type !== "histogram") continue;
    const { buckets = [] } = instrument;
    assertEquals([...buckets].sort((a, b) => a - b), [...buckets], name);
  }
});

/** Source: reference of Distribution, "Prometheus metrics". */
const DISTRIBUTION_NAMES = [
  "registry_http_in_flight_requests",
  "registry_http_requests_total",
  "registry_http_request_duration_seconds",
  "registry_http_request_size_bytes",
  "registry_http_response_size_bytes",
  "registry_storage_action_seconds",
  "registry_storage_cache_requests_total",
  "registry_storage_cache_hits_total",
  "registry_storage_cache_errors_total",
  "registry_storage_cache_redis_seconds",
  "registry_notifications_events_total",
  "registry_notifications_pending_total",
  "registry_notifications_status_total",
  "registry_proxy_requests_total",
  "registry_proxy_hits_total",
  "registry_proxy_misses_total",
  "registry_proxy_pulled_bytes_total",
  "registry_proxy_pushed_bytes_total",
];

Deno.test("ALL_INSTRUMENTS has every name of Distribution", () => {
  const names = ALL_INSTRUMENTS.map(({ name }) => name);
  assertEquals(DISTRIBUTION_NAMES.filter((name) => !names.includes(name)), []);
});
