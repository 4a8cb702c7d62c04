import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Node, toPlain } from "../../src/config/_tree.ts";
import { parseFile, parseVariable, type YamlResult } from "../../src/config/_yaml.ts";
import { ConfigError } from "../../src/config/error.ts";
import { load } from "./_loading.ts";

function entriesOf(result: YamlResult): [string, Node][] {
  if ("problem" in result) throw new Error(result.problem.reason);
  return result.node.type === "map" ? [...result.node.entries] : [];
}

Deno.test("parseFile keeps the text of every scalar beside its type", () => {
  const text = "a: 0123\nb: yes\nc: '5'\nd: !!str 6\ne:\nf: 2024-01-01\ng: true\n";
  const scalars = entriesOf(parseFile(text, "x")).map(([key, node]) =>
    node.type === "scalar" ? [key, node.value, node.text] : []
  );
  assertEquals(scalars, [
    ["a", 83, "0123"],
    ["b", "yes", "yes"],
    ["c", "5", "5"],
    ["d", "6", "6"],
    ["e", null, ""],
    ["f", "2024-01-01", "2024-01-01"],
    ["g", true, "true"],
  ]);
});

Deno.test("parseFile takes keys that JavaScript would take for its own", () => {
  const entries = entriesOf(parseFile("__proto__: {a: 1}\nconstructor: 2\n", "x"));
  assertEquals(entries.map(([key]) => key), ["__proto__", "constructor"]);
});

Deno.test("parseVariable gives every value the variable as its source", () => {
  const source = { kind: "environment", name: "REGISTRY_X" } as const;
  const [entry] = entriesOf(parseVariable("{a: [1, b]}", source));
  assertEquals(entry?.[1].source, source);
  assertEquals(entry === undefined ? undefined : toPlain(entry[1]), [1, "b"]);
});

Deno.test("loadConfig answers any text with a configuration or a ConfigError", () => {
  const words = fc.constantFrom(
    ..."version: 0.1|storage|: |http|\n|  |- |[|]|{|}|&a|*a|<<: |inmemory|redis|'|\"|!!int |#|,|~|%"
      .split("|"),
  );
  const text = fc.oneof(fc.string(), fc.array(words).map((parts) => parts.join("")));
  fc.assert(
    fc.property(text, text, (file, value) => {
      try {
        load(file, { REGISTRY_HTTP: value, REGISTRY_LOG_FIELDS: value });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
