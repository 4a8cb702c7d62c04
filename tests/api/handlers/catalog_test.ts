import { assertEquals } from "@std/assert";
import { errorCodes, TestRegistry } from "../_registry.ts";

async function registryWith(
  names: readonly string[],
  maxCatalogEntries = 5,
): Promise<TestRegistry> {
  const registry = new TestRegistry({ settings: { maxCatalogEntries } });
  for (const name of names) await registry.pushImage(name);
  return registry;
}

const NAMES = ["b", "a-b", "a", "a.c/d", "a/0", "a/b"];
/** Distribution's order: by component, what starts with a digit before its parent. */
const SORTED = ["a/0", "a", "a/b", "a-b", "a.c/d", "b"];

Deno.test("getCatalog of an empty registry is empty", async () => {
  const answer = await new TestRegistry().send("GET", "/v2/_catalog");

  assertEquals(answer.status, 200);
  assertEquals(answer.headers.has("link"), false);
  assertEquals(await answer.json(), { repositories: [] });
});

Deno.test("getCatalog gives pages that lead from one to the next, of any size", async () => {
  const registry = await registryWith(NAMES);

  for (const size of [1, 2, 3, 4, 5]) {
    const seen: string[] = [];
    let path: string | undefined = `/v2/_catalog?n=${size}`;
    while (path !== undefined) {
      const answer: Response = await registry.send("GET", path);
      const { repositories } = await answer.json();
      seen.push(...repositories);
      path = /^<(.+)>; rel="next"$/.exec(answer.headers.get("link") ?? "")?.[1];
      if (path !== undefined) assertEquals(repositories.length, size);
    }
    assertEquals(seen, SORTED);
  }
});

Deno.test("getCatalog links from a full page only where something follows", async () => {
  const registry = await registryWith(["a", "b"]);

  const first = await registry.send("GET", "/v2/_catalog?n=1");
  const all = await registry.send("GET", "/v2/_catalog?n=2");
  const unlimited = await registry.send("GET", "/v2/_catalog");

  assertEquals(first.headers.get("link"), '</v2/_catalog?last=a&n=1>; rel="next"');
  assertEquals(all.headers.has("link"), false);
  assertEquals(await unlimited.json(), { repositories: ["a", "b"] });
});

Deno.test("getCatalog without a size gives no more than the largest page", async () => {
  const registry = await registryWith(NAMES);

  const answer = await registry.send("GET", "/v2/_catalog");

  assertEquals((await answer.json()).repositories, SORTED.slice(0, 5));
  assertEquals(answer.headers.get("link"), '</v2/_catalog?last=a.c%2Fd&n=5>; rel="next"');
});

Deno.test("getCatalog refuses what is no page size, and one above the largest", async () => {
  const registry = await registryWith(["a"]);

  for (const n of ["-1", "foo", "6", "1e308", String(2n ** 31n), String(2n ** 63n)]) {
    const answer = await registry.send("GET", `/v2/_catalog?n=${n}`);
    assertEquals(answer.status, 400, n);
    assertEquals(await errorCodes(answer), ["PAGINATION_NUMBER_INVALID"]);
  }
  const none = await registry.send("GET", "/v2/_catalog?n=0");
  assertEquals(await none.json(), { repositories: [] });
});

Deno.test("getCatalog lists repositories that hold manifests", async () => {
  const registry = await registryWith(["a"]);
  await registry.pushBlob("only/layers", "x");

  const answer = await registry.send("GET", "/v2/_catalog");

  assertEquals(await answer.json(), { repositories: ["a"] });
});
