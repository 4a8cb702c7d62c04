import { assertEquals } from "@std/assert";
import { errorCodes, TestRegistry } from "../_registry.ts";

async function registryWithTags(
  tags: readonly string[],
  maxTags = 1000,
): Promise<TestRegistry> {
  const registry = new TestRegistry({ settings: { maxTags } });
  const { bytes } = await registry.pushImage("foo");
  for (const tag of tags) await registry.putManifest("foo", tag, bytes);
  return registry;
}

const TAGS = ["2", "10", "Z", "_x", "a", "a.b", "a-b"];
const SORTED = ["10", "2", "Z", "_x", "a", "a-b", "a.b"];

Deno.test("getTags lists all tags in the order of their bytes", async () => {
  const registry = await registryWithTags(TAGS);

  for (const query of ["", "?n=", "?last=", "?n=&last="]) {
    const answer = await registry.send("GET", `/v2/foo/tags/list${query}`);
    assertEquals(answer.status, 200);
    assertEquals(answer.headers.get("content-type"), "application/json");
    assertEquals(answer.headers.has("link"), false);
    assertEquals(await answer.json(), { name: "foo", tags: SORTED });
  }
  const head = await registry.send("HEAD", "/v2/foo/tags/list");
  assertEquals([head.status, head.body], [200, null]);
});

Deno.test("getTags gives pages that lead from one to the next", async () => {
  const registry = await registryWithTags(TAGS);
  const seen: string[] = [];
  let path: string | undefined = "/v2/foo/tags/list?n=3";
  const links: (string | null)[] = [];

  while (path !== undefined) {
    const answer: Response = await registry.send("GET", path);
    seen.push(...(await answer.json()).tags);
    links.push(answer.headers.get("link"));
    path = /^<(.+)>; rel="next"$/.exec(links.at(-1) ?? "")?.[1];
  }

  assertEquals(seen, SORTED);
  assertEquals(links, [
    '</v2/foo/tags/list?last=Z&n=3>; rel="next"',
    '</v2/foo/tags/list?last=a-b&n=3>; rel="next"',
    null,
  ]);
});

Deno.test("getTags links from a full page even where nothing follows", async () => {
  const registry = await registryWithTags(TAGS);

  const answer = await registry.send("GET", "/v2/foo/tags/list?n=7");

  assertEquals(answer.headers.get("link"), '</v2/foo/tags/list?last=a.b&n=7>; rel="next"');
  assertEquals((await answer.json()).tags, SORTED);
});

Deno.test("getTags starts behind a marker that need not exist", async () => {
  const registry = await registryWithTags(TAGS);
  const tagsAfter = async (last: string) =>
    (await (await registry.send("GET", `/v2/foo/tags/list?last=${last}`)).json()).tags;

  assertEquals(await tagsAfter("a"), ["a-b", "a.b"]);
  assertEquals(await tagsAfter("Y"), ["Z", "_x", "a", "a-b", "a.b"]);
  assertEquals(await tagsAfter("zzz"), []);
});

Deno.test("getTags makes pages no larger than the largest allowed", async () => {
  const registry = await registryWithTags(TAGS, 2);

  const answer = await registry.send("GET", "/v2/foo/tags/list?n=1000000");

  assertEquals((await answer.json()).tags, ["10", "2"]);
  assertEquals(answer.headers.get("link"), '</v2/foo/tags/list?last=2&n=2>; rel="next"');
});

Deno.test("getTags refuses what is no page size", async () => {
  const registry = await registryWithTags(["a"]);

  for (const n of ["-1", "foo", "1.5", "NaN", "1e308", "0x10", String(2n ** 63n), "9".repeat(99)]) {
    const answer = await registry.send("GET", `/v2/foo/tags/list?n=${n}`);
    assertEquals(answer.status, 400, n);
    assertEquals(await errorCodes(answer), ["PAGINATION_NUMBER_INVALID"]);
  }
});

Deno.test("getTags gives nobody who asks for nothing nothing", async () => {
  const registry = await registryWithTags(["a"]);

  for (const name of ["foo", "unknown"]) {
    const answer = await registry.send("GET", `/v2/${name}/tags/list?n=0`);
    assertEquals(answer.status, 200);
    assertEquals(answer.headers.has("link"), false);
    assertEquals(await answer.json(), { name, tags: [] });
  }
});

Deno.test("getTags knows no repository that nothing was pushed to", async () => {
  const registry = await registryWithTags([]);

  const unknown = await registry.send("GET", "/v2/unknown/tags/list");
  const untagged = await registry.send("GET", "/v2/foo/tags/list");

  assertEquals(unknown.status, 404);
  assertEquals((await unknown.json()).errors, [{
    code: "NAME_UNKNOWN",
    message: "repository name not known to registry",
    detail: { name: "unknown" },
  }]);
  assertEquals(await untagged.json(), { name: "foo", tags: [] });
});
