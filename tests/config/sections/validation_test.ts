import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf, rawProblemsOf } from "../_loading.ts";

Deno.test("resolveValidation reads every key", () => {
  const { validation } = configOf(`${BASE}
validation:
  manifests:
    urls: {allow: ["^https?://"], deny: ["(?i)^https?://evil"]}
    indexes: {platforms: LIST, platformlist: [{architecture: amd64, os: linux}]}
    blobs: none
`);
  assertEquals(validation, {
    enabled: true,
    manifests: {
      urls: { allow: ["^https?://"], deny: ["(?i)^https?://evil"] },
      indexes: { platforms: "list", platformList: [{ architecture: "amd64", os: "linux" }] },
      blobs: "none",
    },
  });
});

Deno.test("resolveValidation checks unless disabled alone is true", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["", true],
    ["enabled: false", true],
    ["disabled: false", true],
    ["disabled: true", false],
    ["disabled: true, enabled: false", false],
    ["disabled: true, enabled: true", true],
  ];
  for (const [text, expected] of cases) {
    assertEquals(configOf(`${BASE}validation: {${text}}`).validation.enabled, expected, text);
  }
});

Deno.test("resolveValidation names the key of each bad regular expression", () => {
  const text = `${BASE}validation: {manifests: {urls: {allow: ["ok", "("], deny: ["(?=x)"]}}}`;
  assertEquals(rawProblemsOf(text).map(({ path, expected }) => `${path}: ${expected}`), [
    "validation.manifests.urls.allow[1]: a regular expression of Go",
    "validation.manifests.urls.deny[0]: a regular expression of Go",
  ]);
});

Deno.test("resolveValidation refuses unknown rules, and platforms by half", () => {
  const text = `${BASE}validation:
  manifests: {blobs: some, indexes: {platforms: few, platformlist: [{os: linux}]}}
`;
  assertEquals(problemsOf(text), [
    "validation.manifests.indexes.platformlist[0].architecture: Add the missing key: " +
    "Architecture, such as amd64",
    'validation.manifests.indexes.platforms: Give "all", "none" or "list", not "few"',
    'validation.manifests.blobs: Give "all" or "none", not "some"',
  ]);
});
