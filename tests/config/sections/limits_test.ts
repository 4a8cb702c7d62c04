import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf } from "../_loading.ts";

Deno.test("resolveCatalog takes its default for 0 and less", () => {
  for (const [value, expected] of [["5", 5], ["0", 1000], ["-3", 1000], ["", 1000]] as const) {
    const { catalog } = configOf(`${BASE}catalog: {maxentries: ${value}}`);
    assertEquals(catalog.maxEntries, expected);
  }
});

Deno.test("resolveTags takes its default for 0, and refuses less", () => {
  for (const [value, expected] of [["5", 5], ["0", 1000], ["", 1000]] as const) {
    assertEquals(configOf(`${BASE}tags: {maxtags: ${value}}`).tags.maxTags, expected);
  }
  assertEquals(problemsOf(`${BASE}tags: {maxtags: -1}`), [
    "tags.maxtags: Give a whole number of 0 or more, not -1",
  ]);
});
