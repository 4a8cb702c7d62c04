import { assertEquals } from "@std/assert";
import { buildApiSettings, buildManifestRules } from "../../src/app/build_settings.ts";
import { configOf } from "./_config.ts";

Deno.test("buildApiSettings takes from the configuration what the API goes by", () => {
  const settings = buildApiSettings(configOf(`
storage:
  inmemory:
  redirect: { disable: true }
  maintenance: { readonly: { enabled: true } }
http:
  addr: ":5000"
  prefix: /registry/
  host: https://registry.example
  secret: s
  relativeurls: true
  headers: { X-Content-Type-Options: [nosniff], X-Many: [a, b] }
catalog: { maxentries: 7 }
tags: { maxtags: 8 }
`));

  assertEquals(settings, {
    prefix: "/registry/",
    host: "https://registry.example",
    uploadSecret: "s",
    relativeUrls: true,
    readOnly: true,
    redirect: false,
    maxCatalogEntries: 7,
    maxTags: 8,
    headers: { "x-content-type-options": "nosniff", "x-many": "a, b" },
  });
});

Deno.test("buildManifestRules allows no URL and wants everything, unless told otherwise", () => {
  assertEquals(buildManifestRules(configOf("storage: inmemory")), {
    urls: { allow: [], deny: [] },
    children: "all",
    blobs: true,
    classes: [],
  });
});

Deno.test("buildManifestRules takes the rules of the configuration", () => {
  const rules = buildManifestRules(configOf(`
storage: inmemory
validation:
  manifests:
    urls: { allow: ["^https?://a/"], deny: ["(?i)evil"] }
    indexes: { platforms: list, platformlist: [{ architecture: amd64, os: linux }] }
    blobs: none
policy: { repository: { classes: [image] } }
`));

  assertEquals(rules, {
    urls: { allow: [/^https?:\/\/a\//], deny: [/evil/i] },
    children: [{ architecture: "amd64", os: "linux" }],
    blobs: false,
    classes: ["image"],
  });
});

Deno.test("buildManifestRules without validation looks at neither URLs nor children", () => {
  const rules = buildManifestRules(configOf(`
storage: inmemory
validation: { disabled: true }
`));

  assertEquals([rules.urls, rules.children, rules.blobs], [undefined, "none", true]);
});
