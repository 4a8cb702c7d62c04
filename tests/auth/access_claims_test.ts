import { assert, assertEquals } from "@std/assert";
import { AccessSet, readAccessClaims } from "../../src/auth/access_claims.ts";
import { right } from "./_requests.ts";

Deno.test("AccessSet joins the actions of entries for one resource, and matches names exactly", () => {
  const set = new AccessSet([
    { type: "repository", name: "a/b", actions: ["pull"] },
    { type: "repository", class: "plugin", name: "a/b", actions: ["push"] },
    { type: "repository", name: "all", actions: ["*"] },
    { type: "registry", name: "catalog", actions: ["*"] },
  ]);

  assert(set.hasAll([right("a/b", "pull"), right("a/b", "push"), right("all", "delete")]));
  assert(set.has({ type: "registry", name: "catalog", action: "*" }));
  assert(set.hasAll([]));
  for (const other of [right("a/b", "delete"), right("a", "pull"), right("a/b/c", "pull")]) {
    assert(!set.has(other));
  }
  assert(!set.has({ type: "registry", name: "a/b", action: "pull" }));
  assert(!new AccessSet([]).has(right("constructor", "pull")));
});

Deno.test("readAccessClaims takes none for none, and refuses what is malformed", () => {
  const good = [{ type: "repository", name: "a", actions: [] }];

  assertEquals([readAccessClaims(undefined), readAccessClaims(null)], [[], []]);
  assertEquals(readAccessClaims(good), good);
  for (
    const bad of [{}, "a", [null], [{}], [{ type: "a", name: "b" }], [{
      type: "a",
      name: "b",
      actions: [1],
    }]]
  ) {
    assertEquals(readAccessClaims(bad), undefined);
  }
});
