import type { EndpointConfig } from "../../src/config/config.ts";

/** An endpoint as the configuration makes it, with what a test sets otherwise. */
export function endpointOf(options: Partial<EndpointConfig> = {}): EndpointConfig {
  return {
    name: "e",
    url: "http://endpoint.test/",
    headers: {},
    timeoutMs: 1000,
    threshold: 2,
    backoffMs: 1000,
    maxBackoffMs: 4000,
    ignore: { mediaTypes: [], actions: [] },
    format: "distribution",
    mediaType: "application/vnd.docker.distribution.events.v2+json",
    batch: { events: 1, delayMs: 0 },
    deadLetter: { tries: 0, ageMs: 0 },
    ...options,
  };
}

/** An event as it is recorded. */
export function eventOf(id: string, action = "push"): string {
  return JSON.stringify({
    id,
    timestamp: "2026-01-01T00:00:00.000Z",
    action,
    target: { mediaType: "text/plain", size: 1, digest: "sha256:00", repository: "r", tag: "t" },
    request: { id: "q", method: "PUT", useragent: "" },
    actor: {},
    source: { addr: "host:5000", instanceID: "i" },
  });
}
