import { assertEquals } from "@std/assert";
import { matchRoute } from "../../src/api/route_match.ts";
import type { Method } from "../../src/api/route.ts";
import { ROUTES } from "../../src/api/routes.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";

/** Route, a path of it, and what each method does: all that a caller may do follows from here. */
const EXPECTED: readonly (readonly [string, string, Readonly<Partial<Record<Method, string>>>])[] =
  [
    ["base", "/", { GET: "pull", HEAD: "pull" }],
    ["tags", "/foo/tags/list", { GET: "pull", HEAD: "pull" }],
    ["manifest", "/foo/manifests/v1", {
      GET: "pull",
      HEAD: "pull",
      PUT: "push",
      DELETE: "delete",
    }],
    ["blob_upload", "/foo/blobs/uploads/", { POST: "push" }],
    ["blob_upload_chunk", "/foo/blobs/uploads/id", {
      GET: "pull",
      HEAD: "pull",
      POST: "push",
      PATCH: "push",
      PUT: "push",
      DELETE: "push",
    }],
    ["blob", `/foo/blobs/${EMPTY_DIGEST}`, { GET: "pull", HEAD: "pull", DELETE: "delete" }],
    ["referrers", `/foo/referrers/${EMPTY_DIGEST}`, { GET: "pull", HEAD: "pull" }],
    ["repository", "/foo/_repository", { DELETE: "delete" }],
    ["catalog", "/_catalog", { GET: "pull", HEAD: "pull" }],
  ];

Deno.test("ROUTES are tried in the order of the reference, what is newer before the catalog", () => {
  assertEquals(ROUTES.map(({ name }) => name), EXPECTED.map(([name]) => name));
});

for (const [name, path, actions] of EXPECTED) {
  Deno.test(`ROUTES has for ${name} the methods and actions that it should have`, () => {
    const result = matchRoute(ROUTES, path);

    if (result === undefined || "redirect" in result) throw new Error(`no route: ${path}`);
    assertEquals<string>(result.route.name, name);
    const found = Object.entries(result.route.operations).map(([method, { action }]) => {
      return [method, action];
    });
    assertEquals(Object.fromEntries(found), actions);
  });
}

Deno.test("ROUTES answers HEAD wherever it answers GET, in the same way", () => {
  for (const { name, operations } of ROUTES) {
    assertEquals(operations.HEAD, operations.GET, name);
  }
});
