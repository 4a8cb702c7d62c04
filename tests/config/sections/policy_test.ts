import { assertEquals } from "@std/assert";
import { BASE, configOf, warningsOf } from "../_loading.ts";

Deno.test("resolvePolicy reads classes, and warns of those that no content is of", () => {
  const text = `${BASE}policy: {repository: {classes: [image, plugin, chart]}}`;
  assertEquals(configOf(text).policy.repository.classes, ["image", "plugin", "chart"]);
  assertEquals(warningsOf(text), [
    "policy.repository.classes[2]: Correct the class: no content is of this one",
  ]);
});
