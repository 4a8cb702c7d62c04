import { getLogger } from "@logtape/logtape";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ApiError } from "../../src/api/api_error.ts";
import type { ApiSettings } from "../../src/api/api_settings.ts";
import { readDigest, RequestContext } from "../../src/api/request_context.ts";
import { matchRoute } from "../../src/api/route_match.ts";
import { ROUTES } from "../../src/api/routes.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { API_SETTINGS, TestRegistry } from "./_registry.ts";

function contextOf(
  url: string,
  options: { settings?: Partial<ApiSettings>; headers?: Record<string, string> } = {},
): RequestContext {
  const request = new Request(url, { headers: options.headers ?? {} });
  const { pathname, search } = new URL(url);
  const match = matchRoute(ROUTES, decodeURIComponent(pathname).replace(/^\/v2/, ""));
  if (match === undefined || "redirect" in match) throw new Error(`no route: ${url}`);
  return new RequestContext({
    request,
    client: { address: "127.0.0.1", port: 1 },
    match,
    path: pathname,
    search: search.slice(1),
    store: new TestRegistry().store,
    settings: { ...API_SETTINGS, ...options.settings },
    requestLog: { logger: getLogger(["stowage", "test"]) },
  });
}

Deno.test("RequestContext says what the path says", () => {
  const context = contextOf("http://a/v2/foo/bar/manifests/v1");

  assertEquals(context.repository, "foo/bar");
  assertEquals(context.variable, "v1");
  assertEquals(context.path, "/v2/foo/bar/manifests/v1");
});

Deno.test("RequestContext.digest reads the digest of the path, or says what is wrong with it", () => {
  assertEquals(contextOf(`http://a/v2/foo/blobs/${EMPTY_DIGEST}`).digest, EMPTY_DIGEST);

  const error = assertThrows(() => contextOf("http://a/v2/foo/blobs/sha256:00").digest, ApiError);
  assertEquals(error.status, 400);
});

Deno.test("RequestContext.query reads the query once, as it was sent", () => {
  const context = contextOf("http://a/v2/foo/tags/list?n=1&last=a%2Fb&n=2&empty");

  assertEquals(context.query.getAll("n"), ["1", "2"]);
  assertEquals(context.query.get("last"), "a/b");
  assertEquals(context.query.get("empty"), "");
  assertEquals(context.query.has("_state"), false);
  assertStrictEquals(context.query, context.query);
});

Deno.test("RequestContext.urls are those that this client can use", () => {
  const url = "https://a:5000/v2/foo/tags/list";
  const headers = { "x-forwarded-host": "b.example" };
  const cases = [
    [contextOf(url), "https://a:5000/v2/foo/manifests/v1"],
    [contextOf(url, { headers }), "https://b.example/v2/foo/manifests/v1"],
    [contextOf(url, { settings: { relativeUrls: true } }), "/v2/foo/manifests/v1"],
    [
      contextOf(url, { settings: { host: "https://c.example/d" }, headers }),
      "https://c.example/d/v2/foo/manifests/v1",
    ],
  ] as const;

  for (const [context, expected] of cases) {
    assertEquals(context.urls.manifest("foo", "v1"), expected);
    assertStrictEquals(context.urls, context.urls);
  }
});

Deno.test("readDigest says in Distribution's words why it refuses", () => {
  const reasons = {
    "": "invalid checksum digest format",
    "nonsense": "invalid checksum digest format",
    "sha256:": "invalid checksum digest format",
    "sha256:00": "invalid checksum digest length",
    "sha257:00": "unsupported digest algorithm",
    [`${EMPTY_DIGEST}\n`]: "invalid checksum digest length",
  };

  assertEquals(readDigest(EMPTY_DIGEST), EMPTY_DIGEST);
  for (const [text, detail] of Object.entries(reasons)) {
    const error = assertThrows(() => readDigest(text), ApiError);
    assertEquals<unknown>(error.entries, [{ code: "DIGEST_INVALID", detail }]);
  }
});
