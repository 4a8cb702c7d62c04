import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { stringify } from "@std/yaml";
import type { Config } from "../../src/config/config.ts";
import { environmentName } from "../../src/config/environment.ts";
import { ConfigError } from "../../src/config/error.ts";
import { rootSection } from "../../src/config/root.ts";
import { type LeafShape, type ListedKey, listKeys } from "../../src/config/shape.ts";
import { load } from "./_loading.ts";

/** Every key that holds a single value, and is set by its name alone. */
const KEYS: readonly (ListedKey & { readonly shape: LeafShape })[] = [
  ...listKeys(rootSection.shape),
].flatMap(({ shape, ...key }) =>
  shape.type === "leaf" && shape.fileOnly !== true ? [{ ...key, shape }] : []
);

/** What must stand beside a key, so that it comes to mean something; the first prefix counts. */
const SURROUNDINGS: readonly (readonly [prefix: string, section: Tree])[] = [
  ["storage.filesystem", { storage: { filesystem: {} } }],
  ["storage.inmemory", { storage: { inmemory: {} } }],
  ["storage.s3.", { storage: { s3: S3() } }],
  ["storage.s3aws.", { storage: { s3aws: S3() } }],
  ["storage.azure", {
    storage: { azure: { accountname: "a", container: "c", accountkey: "k" } },
  }],
  ["storage.gcs", { storage: { gcs: { bucket: "b" } } }],
  ["auth.silly", { auth: { silly: { realm: "r", service: "s" } } }],
  ["auth.htpasswd", { auth: { htpasswd: { realm: "r", path: "p" } } }],
  ["auth.token", { auth: { token: { realm: "r", issuer: "i", service: "s", jwks: "j" } } }],
  ["proxy", { proxy: { remoteurl: "https://example.com", exec: { command: "c" } } }],
  ["redis", { redis: { addrs: ["a:1"] } }],
  ["http.tls", { http: { tls: { certificate: "c", key: "k" } } }],
  ["http.debug", { http: { debug: { addr: "a:1" } } }],
];

type Tree = { [key: string]: unknown };

function S3(): Tree {
  return { bucket: "b", region: "eu-central-1" };
}

/** Values of every kind, right and wrong; what is drawn need not fit the key. */
function valueOf({ kind, values }: LeafShape): fc.Arbitrary<unknown> {
  const wild = fc.oneof(
    fc.integer({ min: -10, max: 10_000_000 }),
    fc.boolean(),
    fc.string({ maxLength: 12 }),
    fc.constantFrom("yes", "off", "0123", "1e3", "a:1", "http://a", "2024-01-01", null, ""),
  );
  if (values !== undefined) return fc.oneof(fc.constantFrom(...values), wild);
  if (kind === "boolean") return fc.oneof(fc.boolean(), fc.constantFrom("yes", "no"), wild);
  if (kind === "integer") return fc.oneof(fc.integer({ min: 0, max: 100_000_000 }), wild);
  if (kind === "duration") return fc.oneof(fc.constantFrom("1s", "2h45m", "0", "-1s"), wild);
  return wild;
}

const scenario = fc.constantFrom(...KEYS).chain((key) =>
  fc.record({ key: fc.constant(key), value: valueOf(key.shape) })
);

Deno.test("applyEnvironment sets every single value as the file does", () => {
  fc.assert(
    fc.property(scenario, ({ key, value }) => {
      const path = key.path.replaceAll("<name>", "x").replaceAll("[]", ".0").split(".");
      const name = environmentName(key.path).replaceAll("<n>", "0").replaceAll("<NAME>", "x");
      const around = surroundings(key.path);
      const written = yaml(value);
      const byFile = outcome(withValue(around, path, value), {});
      const byVariable = outcome(around, { [name]: written });
      assertEquals(byVariable, byFile, `${name}=${written}`);
    }),
    { numRuns: 800 },
  );
});

Deno.test("applyEnvironment knows a variable for every key of the table", () => {
  for (const { path } of KEYS) {
    const name = environmentName(path).replaceAll("<n>", "0").replaceAll("<NAME>", "X");
    try {
      const { warnings } = load(yaml(surroundings(path)), { [name]: "1" });
      assert(warnings.every((warning) => warning.path !== name), name);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      assert(error.warnings.every((warning) => warning.path !== name), name);
    }
  }
});

interface Outcome {
  readonly config?: Config;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** All that can be told of a configuration, but for where values came from. */
function outcome(tree: Tree, env: Readonly<Record<string, string>>): Outcome {
  try {
    const { config, warnings } = load(yaml(tree), env);
    return { config, problems: [], warnings: warnings.map(({ path }) => path) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return {
      problems: error.problems.map(({ path, found }) => `${path}: ${bare(found)}`),
      warnings: error.warnings.map(({ path }) => path),
    };
  }
}

/** Two drivers are told with their sources, which are what differs here. */
function bare(found: string): string {
  return found.replaceAll(/ \([^)]*\)/g, "");
}

function surroundings(path: string): Tree {
  const base: Tree = { version: "0.1", storage: { inmemory: {} } };
  const found = SURROUNDINGS.find(([prefix]) => path.startsWith(prefix));
  return { ...base, ...structuredClone(found?.[1]) };
}

function withValue(tree: Tree, path: readonly string[], value: unknown): Tree {
  const copy = structuredClone(tree);
  let node: Tree = copy;
  for (const [index, part] of path.slice(0, -1).entries()) {
    const isList = path[index + 1] === "0";
    node[part] ??= isList ? [] : {};
    node = node[part] as Tree;
  }
  node[path.at(-1) ?? ""] = value;
  return copy;
}

function yaml(value: unknown): string {
  return (stringify as (data: unknown) => string)(value);
}
