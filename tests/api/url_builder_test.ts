import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { createUrlBuilder, type UrlSettings } from "../../src/api/url_builder.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";

interface Scene extends Partial<UrlSettings> {
  readonly headers?: HeadersInit;
  readonly scheme?: "http" | "https";
  readonly requestHost?: string;
}

function build({ headers, scheme = "http", requestHost = "example.com", ...settings }: Scene) {
  return createUrlBuilder(
    { relativeUrls: false, prefix: "", ...settings },
    { headers: new Headers(headers), scheme, host: requestHost },
  );
}

/** The address of the API, without its own part. */
function root(scene: Scene): string {
  const base = build(scene).base();
  return base.slice(0, -"/v2/".length);
}

const ROOTS: readonly (readonly [string, Scene])[] = [
  ["http://example.com", {}],
  ["http://localhost:5000", { requestHost: "localhost:5000" }],
  ["https://localhost:5443/a/b", { requestHost: "localhost:5443", scheme: "https", prefix: "a/b" }],
  ["http://example.com/prefix", { prefix: "/prefix/" }],
  ["", { relativeUrls: true }],
  ["/prefix", { relativeUrls: true, prefix: "/prefix/" }],
];

for (const [expected, scene] of ROOTS) {
  Deno.test(`UrlBuilder makes every address under "${expected}"`, () => {
    const urls = build(scene);
    assertEquals(urls.base(), `${expected}/v2/`);
    assertEquals(urls.manifest("foo/bar", "tag"), `${expected}/v2/foo/bar/manifests/tag`);
    const blob = `${expected}/v2/foo/bar/blobs/${EMPTY_DIGEST}`;
    assertEquals(urls.blob("foo/bar", EMPTY_DIGEST), blob);
    const manifest = `${expected}/v2/foo/manifests/${EMPTY_DIGEST}`;
    assertEquals(urls.manifest("foo", EMPTY_DIGEST), manifest);
    const upload = `${expected}/v2/foo/bar/blobs/uploads/D95306FA-FAD3-4E36-8D41-CF1C93EF8286`;
    assertEquals(urls.upload("foo/bar", "D95306FA-FAD3-4E36-8D41-CF1C93EF8286"), upload);
  });
}

Deno.test("UrlBuilder.upload encodes its query and sorts it", () => {
  const url = build({}).upload("a", "id", { size: "10000", _state: "a-_b==", digest: "x:y&z" });
  const query = "_state=a-_b%3D%3D&digest=x%3Ay%26z&size=10000";
  assertEquals(url, `http://example.com/v2/a/blobs/uploads/id?${query}`);
});

Deno.test("UrlBuilder escapes names with an address in them", () => {
  const url = build({}).manifest("[::1]:5000/a", "b");
  assertEquals(url, "http://example.com/v2/%5B::1%5D:5000/a/manifests/b");
});

interface Case extends Scene {
  readonly name: string;
  readonly expected: string;
}

const FORWARDED: readonly Case[] = [
  {
    name: "ignores headers that nobody defines",
    headers: { "x-custom-forwarded-proto": "https" },
    expected: "http://example.com",
  },
  {
    name: "takes X-Forwarded-Proto",
    headers: { "x-forwarded-proto": "https" },
    expected: "https://example.com",
  },
  {
    name: "takes the first of several X-Forwarded-Proto",
    headers: { "x-forwarded-proto": " HTTPS , http" },
    expected: "https://example.com",
  },
  {
    name: "takes X-Forwarded-Host",
    headers: { "x-forwarded-host": "first.example.com" },
    expected: "http://first.example.com",
  },
  {
    name: "takes the first of several X-Forwarded-Host, trimmed",
    headers: { "x-forwarded-host": " first.example.com:12345 , proxy.example.com" },
    expected: "http://first.example.com:12345",
  },
  {
    name: "never takes X-Forwarded-Port",
    headers: {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "first.example.com",
      "x-forwarded-port": "5001",
    },
    expected: "https://first.example.com",
  },
  {
    name: "takes proto and host of Forwarded",
    headers: { forwarded: `proto=https;host="192.168.22.30:80"` },
    expected: "https://192.168.22.30:80",
  },
  {
    name: "takes an address of IP version 6",
    headers: { forwarded: `for="[2607:f0d0::4]";host="[2607:f0d0::4]:5001"` },
    expected: "http://[2607:f0d0::4]:5001",
  },
  {
    name: "prefers host to for",
    headers: { forwarded: `host="reg.example.com:5000";for="192.168.22.30"` },
    expected: "http://reg.example.com:5000",
  },
  {
    name: "takes the first element of Forwarded",
    headers: { forwarded: `host="a.example.com:443";proto=https, host=b.example.com;proto=http` },
    expected: "https://a.example.com:443",
  },
  {
    name: "takes the first Forwarded header",
    headers: [["forwarded", "host=a.example.com"], ["forwarded", "host=b.example.com"]],
    expected: "http://a.example.com",
  },
  {
    name: "prefers Forwarded to all others",
    headers: {
      forwarded: "host=second.example.com; proto=https",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "first.example.com",
      "x-forwarded-port": "4000",
    },
    expected: "https://second.example.com",
  },
  {
    name: "ignores the others even if Forwarded says little",
    headers: { forwarded: "for=127.0.0.1", "x-forwarded-proto": "https", "x-forwarded-host": "a" },
    expected: "http://example.com",
  },
  {
    name: "ignores the others even if Forwarded makes no sense",
    headers: { forwarded: "host=a:80", "x-forwarded-proto": "https" },
    expected: "http://example.com",
  },
  {
    name: "keeps the scheme of the connection unless a proxy says another",
    headers: { "x-forwarded-host": "a.example.com" },
    scheme: "https",
    expected: "https://a.example.com",
  },
  {
    name: "puts the prefix behind what a proxy says",
    headers: { "x-forwarded-proto": "https", "x-forwarded-host": "a.example.com" },
    prefix: "/prefix/",
    expected: "https://a.example.com/prefix",
  },
  {
    name: "ignores everything else where a host is configured",
    headers: { forwarded: "host=a;proto=http", "x-forwarded-host": "b" },
    host: "https://third.example.com:5000",
    prefix: "/prefix/",
    relativeUrls: true,
    expected: "https://third.example.com:5000",
  },
  {
    name: "keeps the path of a configured host",
    host: "https://third.example.com/a/b/",
    expected: "https://third.example.com/a/b",
  },
  {
    name: "keeps a path without a slash at its end",
    host: "https://third.example.com/a/b?c#d",
    expected: "https://third.example.com/a/b",
  },
  {
    name: "ignores a configured host without scheme",
    host: "third.example.com",
    expected: "http://example.com",
  },
  {
    name: "ignores a configured host without host",
    host: "https:///a",
    expected: "http://example.com",
  },
];

for (const { name, expected, ...scene } of FORWARDED) {
  Deno.test(`UrlBuilder ${name}`, () => assertEquals(root(scene), expected));
}

Deno.test("UrlBuilder ignores words of a proxy that are no scheme and no host", () => {
  const hosts = [
    "a/b",
    "a?b",
    "a#b",
    "u@a",
    "a b",
    "<a>",
    "[a",
    "a:b",
    "a:70000",
    "a.0",
    "[:]",
    "",
    "%2f",
  ];
  for (const host of hosts) {
    assertEquals(root({ headers: { "x-forwarded-host": host } }), "http://example.com");
    assertEquals(root({ headers: { forwarded: `host="${host}"` } }), "http://example.com");
  }
  for (const proto of ["ftp", "javascript", "http:", "https//", ""]) {
    assertEquals(root({ headers: { "x-forwarded-proto": proto } }), "http://example.com");
  }
});

Deno.test("UrlBuilder makes a valid address whatever a proxy says", () => {
  const word = fc.string({ unit: fc.constantFrom(...'aZ0.-:[]/?#@ ,;="\\%<é') });
  const name = fc.constantFrom("forwarded", "x-forwarded-host", "x-forwarded-proto");
  fc.assert(fc.property(fc.dictionary(name, word), word, (headers, host) => {
    const said = { ...headers, ...(host === "" ? {} : { forwarded: `host="${host}"` }) };
    const url = new URL(build({ headers: said }).base());
    assertEquals([url.pathname, url.search, url.hash, url.username], ["/v2/", "", "", ""]);
  }));
});

Deno.test("createUrlBuilder looks at nothing before an address is asked for", () => {
  let looks = 0;
  const headers = { get: () => (looks += 1, null) };
  const urls = createUrlBuilder(
    { relativeUrls: false, prefix: "" },
    { headers, scheme: "http", host: "example.com" },
  );
  assertEquals(looks, 0);
  urls.base();
  const once = looks;
  urls.base();
  assertEquals(looks, once);
});
