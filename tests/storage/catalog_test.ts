import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { toBytes } from "../../src/base/bytes.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { DriverCatalog } from "../../src/storage/catalog.ts";
import {
  layerLinkPath,
  REPOSITORIES,
  revisionLinkPath,
  uploadDataPath,
} from "../../src/storage/paths.ts";
import { DriverDouble } from "./_doubles.ts";

async function catalogOf(
  names: readonly string[],
): Promise<{ driver: DriverDouble; catalog: DriverCatalog }> {
  const driver = new DriverDouble();
  for (const name of names) {
    await driver.putContent(revisionLinkPath(name, EMPTY_DIGEST), toBytes(EMPTY_DIGEST));
  }
  return { driver, catalog: new DriverCatalog(driver) };
}

const NAMES = ["b", "a-b", "a", "a.c/d", "a/0", "a/b", "a/b/c"];
/** Distribution's order: by component, what starts with a digit before its parent. */
const SORTED = ["a/0", "a", "a/b", "a/b/c", "a-b", "a.c/d", "b"];

Deno.test("DriverCatalog.list of a storage that holds nothing is empty", async () => {
  const catalog = new DriverCatalog(new DriverDouble());

  assertEquals(await catalog.list({}), { entries: [], more: false });
  assertEquals(await catalog.list({ last: "a" }), { entries: [], more: false });
});

Deno.test("DriverCatalog.list gives all names in the order of the walk", async () => {
  const { catalog } = await catalogOf(NAMES);

  assertEquals(await catalog.list({}), { entries: SORTED, more: false });
});

Deno.test("DriverCatalog.list tells whether names follow a page", async () => {
  const { catalog } = await catalogOf(["a", "b"]);

  assertEquals(await catalog.list({ limit: 0 }), { entries: [], more: false });
  assertEquals(await catalog.list({ limit: 1 }), { entries: ["a"], more: true });
  assertEquals(await catalog.list({ limit: 2 }), { entries: ["a", "b"], more: false });
  assertEquals(await catalog.list({ limit: 3 }), { entries: ["a", "b"], more: false });
});

Deno.test("DriverCatalog.list starts behind a name that need not exist", async () => {
  const { catalog } = await catalogOf(NAMES);
  const after = async (last: string) => (await catalog.list({ last })).entries;

  assertEquals(await after("a"), ["a/b", "a/b/c", "a-b", "a.c/d", "b"]);
  assertEquals(await after("a/0"), SORTED.slice(1));
  assertEquals(await after("a-a"), ["a-b", "a.c/d", "b"]);
  assertEquals(await after("zzz"), []);
  assertEquals(await after(""), SORTED);
});

Deno.test("DriverCatalog.list takes any text for a place in the order", async () => {
  const { catalog } = await catalogOf(NAMES);

  for (const last of ["../..", "/", "a//b", "\u0000", "A", "é", "a/../b", "x".repeat(100_000)]) {
    const { entries } = await catalog.list({ last });
    assertEquals(entries, SORTED.slice(SORTED.length - entries.length), last.slice(0, 20));
  }
});

Deno.test("DriverCatalog.list lists repositories that hold manifests, and looks at nothing else", async () => {
  const { driver, catalog } = await catalogOf(["a"]);
  await driver.putContent(layerLinkPath("layers/only", EMPTY_DIGEST), toBytes(EMPTY_DIGEST));
  await driver.putContent(uploadDataPath("uploads/only", "0190"), toBytes("x"));

  assertEquals((await catalog.list({})).entries, ["a"]);
  const listed = driver.calls.filter(({ method }) => method === "list").map(({ path }) => path);
  assertEquals(
    listed,
    ["", "/a", "/layers", "/layers/only", "/uploads", "/uploads/only"]
      .map((path) => REPOSITORIES + path),
  );
});

Deno.test("DriverCatalog.list passes on a storage that fails", async () => {
  const { driver, catalog } = await catalogOf(["a"]);
  driver.before = () => {
    throw new DriverError("unavailable", { driver: "double", cause: "no network" });
  };

  await assertRejects(() => catalog.list({}), DriverError, "no network");
});

Deno.test("DriverCatalog.list in pages of any size gives every name once", async () => {
  const component = fc.constantFrom("0", "1", "a", "a-b", "a.b", "a_b", "ab", "b");
  const name = fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { maxLength: 12 }), fc.nat(4), async (names, extra) => {
      const { catalog } = await catalogOf(names);
      const seen: string[] = [];
      for (;;) {
        const last = seen.at(-1);
        const page = await catalog.list({
          limit: extra + 1,
          ...last === undefined ? {} : { last },
        });
        seen.push(...page.entries);
        if (!page.more) break;
      }
      assertEquals(seen, (await catalog.list({})).entries);
      assertEquals(seen.toSorted(), names.toSorted());
    }),
    { numRuns: 60 },
  );
});

Deno.test("DriverCatalog.list leaves out what may not be seen, and makes whole pages of the rest", async () => {
  const driver = new DriverDouble();
  for (const name of ["a", "b", "c", "d", "e"]) {
    await driver.putContent(
      `/docker/registry/v2/repositories/${name}/_manifests/x`,
      new Uint8Array(),
    );
  }
  const catalog = new DriverCatalog(driver);
  const isVisible = (name: string) => "ace".includes(name);

  assertEquals(await catalog.list({ limit: 2, isVisible }), { entries: ["a", "c"], more: true });
  assertEquals(await catalog.list({ limit: 3, isVisible }), {
    entries: ["a", "c", "e"],
    more: false,
  });
  assertEquals(await catalog.list({ limit: 1, last: "d", isVisible }), {
    entries: ["e"],
    more: false,
  });
});
