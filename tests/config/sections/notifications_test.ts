import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf, rawProblemsOf } from "../_loading.ts";

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
      ignoredmediatypes: [a, b]
      ignore: {mediatypes: [b, c], actions: [pull]}
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
      ignore: { mediaTypes: ["a", "b", "c"], actions: ["pull"] },
    }],
  });
});

Deno.test("resolveNotifications takes its defaults for 0 and less", () => {
  for (const value of ["", "timeout: 0, threshold: 0, backoff: 0", "timeout: -1s, threshold: -1"]) {
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
