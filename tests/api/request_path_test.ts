import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cleanPath, splitUrl } from "../../src/api/request_path.ts";

Deno.test("splitUrl takes a URL apart as it was sent", () => {
  const cases = {
    "http://a": ["http", "a", "/", ""],
    "http://a/": ["http", "a", "/", ""],
    "https://a:5000/v2/?n=1": ["https", "a:5000", "/v2/", "?n=1"],
    "http://[::1]:80/v2/x?": ["http", "[::1]:80", "/v2/x", "?"],
    "http://a/x?b=/c?d": ["http", "a", "/x", "?b=/c?d"],
    "http://a/../%2e%2E//b": ["http", "a", "/../%2e%2E//b", ""],
    "http://a/b://c/d?e=f://g": ["http", "a", "/b://c/d", "?e=f://g"],
    "http://a/*": ["http", "a", "/*", ""],
  };
  for (const [url, [scheme, host, path, search]] of Object.entries(cases)) {
    assertEquals<unknown>(splitUrl(url), { scheme, host, path, search });
  }
});

Deno.test("splitUrl loses nothing", () => {
  const host = fc.string({ minLength: 1 }).map((text) => text.replace(/[/?]/g, ""));
  const path = fc.string({ unit: "binary" }).map((text) => `/${text.replaceAll("?", "")}`);
  const search = fc.string({ unit: "binary" }).map((text) => text === "" ? "" : `?${text}`);
  fc.assert(fc.property(host, path, search, (host, path, search) => {
    assertEquals(splitUrl(`http://${host}${path}${search}`), {
      scheme: "http",
      host,
      path,
      search,
    });
  }));
});

Deno.test("cleanPath takes out what leads nowhere or back", () => {
  const cases = {
    "/": "/",
    "//": "/",
    "/v2/": "/v2/",
    "/v2": "/v2",
    "//v2/": "/v2/",
    "/v2//_catalog": "/v2/_catalog",
    "/v2/./_catalog": "/v2/_catalog",
    "/v2/.": "/v2/",
    "/v2/..": "/",
    "/v2/a/..": "/v2/",
    "/v2/a/../b/": "/v2/b/",
    "/../../v2/": "/v2/",
    "/v2/%2e%2E/x": "/x",
    "/v2/%2e/x": "/v2/x",
    "/v2/.%2e/x": "/x",
    "/v2/a/b/../../../../../etc/passwd": "/etc/passwd",
  };
  for (const [path, expected] of Object.entries(cases)) {
    assertEquals(cleanPath(path), expected, path);
  }
});

Deno.test("cleanPath leaves names with dots in them, and what is escaped otherwise", () => {
  for (
    const path of ["/v2/a.b/tags/list", "/v2/a..b/c", "/v2/a.", "/v2/%2F..%2Fa", "/v2/%252e%252e/a"]
  ) {
    assertEquals(cleanPath(path), path);
  }
});

/** Paths that are made of what paths are attacked with. */
const HOSTILE_PATH = fc.array(
  fc.oneof(
    fc.constantFrom("", ".", "..", "...", "%2e", "%2E%2e", ".%2e", "%2f", "a", "v2", "\\", "%00"),
    fc.string({ unit: "binary", maxLength: 5 }).map((text) => text.replaceAll(/[/?]/g, "")),
  ),
).map((segments) => `/${segments.join("/")}`);

Deno.test("cleanPath of a clean path is the same", () => {
  fc.assert(fc.property(HOSTILE_PATH, (path) => {
    const cleaned = cleanPath(path);
    assertEquals(cleanPath(cleaned), cleaned);
  }));
});

Deno.test("cleanPath lets nothing escape, and makes no address of another host", () => {
  fc.assert(fc.property(HOSTILE_PATH, (path) => {
    const cleaned = cleanPath(path);
    assert(cleaned.startsWith("/") && !cleaned.startsWith("//"), cleaned);
    for (const segment of cleaned.split("/").slice(1, -1)) {
      const plain = segment.replaceAll(/%2e/gi, ".");
      assert(segment !== "" && plain !== "." && plain !== "..", cleaned);
    }
  }));
});
