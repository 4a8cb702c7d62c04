import { assertEquals } from "@std/assert";
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_INDEX,
  OCI_MANIFEST,
  OCTET_STREAM,
  SCHEMA1_MANIFEST,
  SCHEMA1_SIGNED_MANIFEST,
} from "../../../src/oci/media_types.ts";
import { BASE, configOf, problemsOf, rawProblemsOf, warningsOf } from "../_loading.ts";

function endpoints(text: string): string {
  return `${BASE}notifications: {endpoints: [${text}]}`;
}

Deno.test("resolveNotifications reads every key", () => {
  const { notifications } = configOf(`${BASE}
notifications:
  events: {includereferences: true}
  endpoints:
    - name: n
      url: https://example.com/hook
      headers: {Authorization: [Bearer x]}
      timeout: 500ms
      threshold: 5
      backoff: 2s
      ignoredmediatypes: [a/a, a/b]
      ignore: {mediatypes: [a/b, a/c], actions: [pull]}
      format: cloudevents-structured
      secret: s
      maxbackoff: 10s
      batch: {events: 5, delay: 1s}
      deadletter: {tries: 3, age: 1h}
  outbox: {path: /o.db, maxsize: 5, full: refuse, pulls: durable}
  pulls: {ignore: [x], sample: [{repositories: y, rate: 5}]}
`);
  assertEquals(notifications, {
    events: { includeReferences: true },
    endpoints: [{
      name: "n",
      url: "https://example.com/hook",
      headers: { Authorization: ["Bearer x"] },
      timeoutMs: 500,
      threshold: 5,
      backoffMs: 2000,
      ignore: { mediaTypes: ["a/a", "a/b", "a/c"], actions: ["pull"] },
      format: "cloudevents-structured",
      mediaType: "application/vnd.docker.distribution.events.v2+json",
      secret: "s",
      maxBackoffMs: 10_000,
      batch: { events: 5, delayMs: 1000 },
      deadLetter: { tries: 3, ageMs: 3_600_000 },
    }],
    outbox: { path: "/o.db", maxBytes: 5, full: "refuse", pulls: "durable" },
    pulls: { ignore: ["x"], sample: [{ repositories: "y", rate: 5 }] },
  });
});

Deno.test("resolveNotifications explains what is below 0", () => {
  const text = endpoints('{url: "http://a", timeout: -1s, threshold: -1, backoff: -2s}');
  assertEquals(problemsOf(text), [
    'notifications.endpoints[0].timeout: Give a duration such as "30s" or "1h30m", not "-1s"',
    "notifications.endpoints[0].threshold: Give a whole number of 0 or more, not -1",
    'notifications.endpoints[0].backoff: Give a duration such as "30s" or "1h30m", not "-2s"',
  ]);
});

Deno.test("resolveNotifications takes its defaults for 0", () => {
  for (const value of ["", "timeout: 0, threshold: 0, backoff: 0"]) {
    const [endpoint] = configOf(endpoints(`{url: "http://a", ${value}}`)).notifications.endpoints;
    assertEquals([endpoint?.timeoutMs, endpoint?.threshold, endpoint?.backoffMs], [1000, 10, 1000]);
  }
});

Deno.test("resolveNotifications leaves out disabled endpoints, whatever they lack", () => {
  const text = endpoints('{name: a, disabled: true}, {url: "http://b"}');
  assertEquals(configOf(text).notifications.endpoints.map(({ url }) => url), ["http://b"]);
});

Deno.test("resolveNotifications wants a URL of the web, and headers that HTTP can carry", () => {
  assertEquals(problemsOf(endpoints("{name: a}")), [
    "notifications.endpoints[0].url: Add the URL of the endpoint, or set disabled to true",
  ]);
  const text = endpoints('{url: "ftp://a"}, {url: "http://b", headers: {"a b": [c]}}');
  assertEquals(rawProblemsOf(text).map(({ path }) => path), [
    "notifications.endpoints[0].url",
    "notifications.endpoints[1].headers.a b",
  ]);
});

Deno.test("resolveNotifications explains what is no action or format", () => {
  const text = endpoints(
    '{url: "http://a", ignore: {actions: [pul]}, mediatype: a/b}, ' +
      '{url: "http://b", format: xml, batch: {events: 0}, deadletter: {tries: -1}}',
  );
  assertEquals(rawProblemsOf(text).map(({ path }) => path).sort(), [
    "notifications.endpoints[0].ignore.actions[0]",
    "notifications.endpoints[0].mediatype",
    "notifications.endpoints[1].batch.events",
    "notifications.endpoints[1].deadletter.tries",
    "notifications.endpoints[1].format",
  ]);
});

Deno.test("resolveNotifications warns of media types that no event has, and takes them", () => {
  const text = endpoints(
    `{url: "http://a", ignoredmediatypes: ["${OCI_INDEX}", no type], ` +
      "ignore: {mediatypes: [a/b]}}",
  );
  assertEquals(warningsOf(text), [
    'notifications.endpoints[0].ignoredmediatypes[1]: Correct or remove "no type": no event has ' +
    "this media type, so nothing is left out; those of blobs have " +
    '"application/octet-stream", others that of the manifest',
    'notifications.endpoints[0].ignore.mediatypes[0]: Correct or remove "a/b": no event has ' +
    "this media type, so nothing is left out; those of blobs have " +
    '"application/octet-stream", others that of the manifest',
  ]);
  const [endpoint] = configOf(text).notifications.endpoints;
  assertEquals(endpoint?.ignore.mediaTypes, [OCI_INDEX, "no type", "a/b"]);
});

Deno.test("resolveNotifications knows every media type that a manifest can have", () => {
  const known = [
    OCI_MANIFEST,
    OCI_INDEX,
    DOCKER_MANIFEST,
    DOCKER_LIST,
    SCHEMA1_MANIFEST,
    SCHEMA1_SIGNED_MANIFEST,
    OCTET_STREAM,
  ];
  const list = known.map((mediaType) => `"${mediaType}"`).join();
  assertEquals(warningsOf(endpoints(`{url: "http://a", ignoredmediatypes: [${list}]}`)), []);
});

Deno.test("resolveNotifications takes one event a post for binary CloudEvents, and no more", () => {
  const text = (events: number) =>
    endpoints(`{url: "http://a", format: cloudevents-binary, batch: {events: ${events}}}`);
  assertEquals(problemsOf(text(1)), []);
  assertEquals(problemsOf(text(2)), [
    "notifications.endpoints[0].batch.events: Set it to 1, or choose another format: " +
    "cloudevents-binary has one event a post",
  ]);
});

Deno.test("resolveNotifications takes the media type of Distribution 2", () => {
  const mediaType = "application/vnd.docker.distribution.events.v1+json";
  const text = endpoints(`{url: "http://a", mediatype: ${mediaType}}`);
  assertEquals(configOf(text).notifications.endpoints[0]?.mediaType, mediaType);
});

Deno.test("resolveNotifications explains by its key what is wrong with a URL or a sample", () => {
  const url = (value: string) => problemsOf(endpoints(`{name: a, url: "${value}"}`));
  for (const value of ["ftp://a", "a", "http://", "//a/b"]) {
    assertEquals(url(value), [
      'notifications.endpoints[0].url: Give a URL such as "https://registry.example.com", ' +
      `not "${value}"`,
    ]);
  }
  const pulls = "{sample: [{rate: 5}, {repositories: a, rate: 101}]}";
  assertEquals(rawProblemsOf(`${BASE}notifications: {pulls: ${pulls}}`).map(({ path }) => path), [
    "notifications.pulls.sample[0].repositories",
    "notifications.pulls.sample[1].rate",
  ]);
});

Deno.test("resolveNotifications has no limit for an outbox of 0 bytes", () => {
  for (const size of [0, -1]) {
    const { outbox } = configOf(`${BASE}notifications: {outbox: {maxsize: ${size}}}`).notifications;
    assertEquals(outbox.maxBytes, Infinity);
  }
});
