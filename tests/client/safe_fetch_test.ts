import { assertEquals, assertRejects } from "@std/assert";
import { ClientError } from "../../src/client/errors.ts";
import { SafeFetch } from "../../src/client/safe_fetch.ts";
import { ManualTimers } from "../support/manual_timers.ts";

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "registry.example.com": ["93.184.216.34"],
  "cdn.example.net": ["93.184.216.35", "2606:4700::1"],
  "inside.example.net": ["93.184.216.35", "10.0.0.7"],
  "metadata.example.net": ["169.254.169.254"],
  "registry.lan": ["10.0.0.1"],
  "store.lan": ["10.0.0.2"],
};

/** Sends one request to `start` where `answers` say what comes from which URL. */
async function follow(
  start: string,
  answers: Readonly<Record<string, string>>,
  allowedHosts: readonly string[] = [],
) {
  const seen: { url: string; authorization: string | null; accept: string | null }[] = [];
  const http = new SafeFetch({
    upstream: new URL(start),
    allowedHosts,
    resolve: (hostname) => Promise.resolve(ADDRESSES[hostname] ?? []),
    timers: new ManualTimers(),
    fetch(url, init) {
      const headers = new Headers(init.headers);
      seen.push({
        url: url.href,
        authorization: headers.get("authorization"),
        accept: headers.get("accept-encoding"),
      });
      assertEquals(init.redirect, "manual");
      const location = answers[url.href];
      if (location === undefined) return Promise.resolve(new Response("end"));
      return Promise.resolve(new Response(null, { status: 307, headers: { location } }));
    },
  });
  const headers = { authorization: "Bearer secret" };
  const response = await http.send(new URL(start), { method: "GET", headers, timeoutMs: 1000 });
  return { seen, text: await response.text() };
}

Deno.test("SafeFetch follows redirects, and leaves credentials behind on another host", async () => {
  const { seen, text } = await follow("https://registry.example.com/v2/", {
    "https://registry.example.com/v2/": "/v3/",
    "https://registry.example.com/v3/": "https://cdn.example.net/blob?signed",
    "https://cdn.example.net/blob?signed": "https://registry.example.com/end",
  });
  assertEquals(text, "end");
  assertEquals(seen.map(({ authorization }) => authorization), [
    "Bearer secret",
    "Bearer secret",
    null,
    null,
  ]);
  assertEquals(seen[0]?.accept, "identity");
});

Deno.test("SafeFetch refuses to go where the registry has no business", async () => {
  const cases = [
    ["https://registry.example.com/", "http://cdn.example.net/", "it is not https"],
    ["https://registry.example.com/", "https://inside.example.net/", "its address is private"],
    ["https://registry.example.com/", "https://metadata.example.net/", "link-local"],
    ["https://registry.example.com/", "https://169.254.169.254/latest", "link-local"],
    ["https://registry.example.com/", "https://[::1]/", "its address is private"],
    ["https://registry.example.com/", "https://0x7f000001/", "its address is private"],
    ["https://registry.example.com/", "file:///etc/passwd", 'its scheme is "file"'],
    ["https://registry.example.com/", "https://unknown.example.net/", "its address is private"],
    ["http://registry.lan/", "http://169.254.169.254/", "link-local"],
  ] as const;
  for (const [start, location, reason] of cases) {
    const error = await assertRejects(() => follow(start, { [start]: location }), ClientError);
    assertEquals(error.message.includes(reason), true, `${location}: ${error.message}`);
    assertEquals((error as ClientError).code, "refused");
  }
});

Deno.test("SafeFetch goes where the operator allows, and within a private network", async () => {
  const start = "https://registry.example.com/";
  const inside = "https://inside.example.net/";
  assertEquals((await follow(start, { [start]: inside }, ["inside.example.net"])).text, "end");
  const lan = "http://registry.lan/";
  assertEquals((await follow(lan, { [lan]: "http://store.lan/blob" })).text, "end");
});

Deno.test("SafeFetch gives up on a registry that redirects for ever", async () => {
  const start = "https://registry.example.com/";
  const error = await assertRejects(() => follow(start, { [start]: "/" }), ClientError);
  assertEquals(error.message, 'Cannot fetch from "registry.example.com": too many redirects');
});

Deno.test("SafeFetch gives up on a registry that does not answer in time", async () => {
  const timers = new ManualTimers();
  const http = new SafeFetch({
    upstream: new URL("https://registry.example.com/"),
    allowedHosts: [],
    resolve: () => Promise.resolve([]),
    timers,
    fetch: (_, { signal }) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  });
  const request = { method: "GET", headers: {}, timeoutMs: 1000 } as const;
  const answer = http.send(new URL("https://registry.example.com/v2/"), request);
  const rejected = assertRejects(() => answer, ClientError, "no answer in time");
  await timers.pass(0);
  await timers.pass(1000);
  await rejected;
});
