import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  type Edge,
  folderCycles,
  forbiddenImports,
  type ImportGraph,
  layerOf,
  readImportGraph,
} from "../../scripts/check_layers.ts";
import { type Layer, LAYERS } from "../../scripts/layers.ts";

function graphOf(...edges: readonly Edge[]): ImportGraph {
  const files = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].sort();
  return { files, edges, unresolved: [] };
}

function edge(from: string, to: string, typeOnly = false): Edge {
  return { from: `src/${from}`, to: `src/${to}`, typeOnly };
}

const CASES: readonly (readonly [edge: Edge, problem: string | undefined])[] = [
  [edge("oci/digest.ts", "base/bytes.ts"), undefined],
  [edge("base/bytes.ts", "oci/digest.ts"), "base may not import oci"],
  [edge("drivers/guard.ts", "config/config.ts", true), undefined],
  [edge("drivers/guard.ts", "config/config.ts"), "drivers may import only types of config"],
  [edge("storage/blob.ts", "drivers/driver.ts"), undefined],
  [
    edge("storage/blob.ts", "drivers/guard.ts", true),
    "storage may import only the contract of drivers (drivers/driver.ts)",
  ],
  [edge("storage/blob.ts", "config/config.ts", true), "storage may not import config"],
  [edge("api/router.ts", "server/listen.ts"), "api may not import server"],
  [edge("server/listen.ts", "drivers/factory.ts"), "only app and cli may import a table"],
  [edge("app/registry.ts", "drivers/factory.ts"), undefined],
  [edge("app/registry.ts", "cli/serve.ts"), "app may not import cli"],
  [edge("main.ts", "cli/serve.ts"), undefined],
  [
    { from: "src/api/router.ts", to: "tests/support/temp.ts", typeOnly: false },
    "the program may not import what is not in src/",
  ],
];

for (const [tried, problem] of CASES) {
  const said = problem === undefined ? "allows" : "forbids";
  const how = tried.typeOnly ? "types of " : "";
  Deno.test(`forbiddenImports ${said} ${how}${tried.to} in ${tried.from}`, () => {
    const expected = problem === undefined ? [] : [`${tried.from} -> ${tried.to}: ${problem}`];
    assertEquals(forbiddenImports(graphOf(tried), LAYERS), expected);
  });
}

Deno.test("forbiddenImports keeps the implementations of a pluggable folder apart", () => {
  const between = edge("drivers/s3/driver.ts", "drivers/filesystem/driver.ts");
  const inside = edge("drivers/s3/driver.ts", "drivers/s3/parts.ts");
  const table = edge("drivers/factory.ts", "drivers/s3/driver.ts");
  assertEquals(forbiddenImports(graphOf(between, inside, table), LAYERS), [
    `${between.from} -> ${between.to}: implementations of drivers may not import each other`,
  ]);
});

Deno.test("forbiddenImports names a folder that the map does not know", () => {
  const strange = edge("misc/a.ts", "misc/b.ts");
  assertEquals(forbiddenImports(graphOf(strange), LAYERS), [
    'src/misc/a.ts: folder "misc" is not in the map',
    'src/misc/b.ts: folder "misc" is not in the map',
  ]);
});

Deno.test("folderCycles finds a ring of three once and ignores a folder's own imports", () => {
  const graph = graphOf(
    edge("b/x.ts", "c/x.ts"),
    edge("c/x.ts", "a/x.ts", true),
    edge("a/x.ts", "b/x.ts"),
    edge("a/x.ts", "a/y.ts"),
  );
  assertEquals(folderCycles(graph), ["a -> b -> c -> a"]);
});

Deno.test("folderCycles finds nothing in a tree", () => {
  assertEquals(folderCycles(graphOf(edge("b/x.ts", "a/x.ts"), edge("c/x.ts", "a/x.ts"))), []);
});

Deno.test("layerOf knows folders, the two entries, and what lies outside", () => {
  const files = ["src/drivers/s3/parts.ts", "src/main.ts", "mod.ts", "tests/mod_test.ts"];
  assertEquals(files.map(layerOf), ["drivers", "main", "mod", undefined]);
});

Deno.test("LAYERS only points down, at layers that exist, and at contracts that are named", () => {
  const wrong: string[] = [];
  for (const [name, layer] of Object.entries(LAYERS)) {
    for (const [target, grant] of Object.entries(layer.imports)) {
      if (target === "*") continue;
      const found: Layer | undefined = LAYERS[target];
      if (found === undefined) wrong.push(`${name} names ${target}, which does not exist`);
      else if (found.level >= layer.level) wrong.push(`${name} points up at ${target}`);
      else if (grant === "contract" && found.contract === undefined) {
        wrong.push(`${name} names the contract of ${target}, which has none`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("readImportGraph tells types, code, dynamic imports and missing files apart", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(join(root, "src/a"), { recursive: true });
    await Deno.mkdir(join(root, "src/b"), { recursive: true });
    await Deno.writeTextFile(join(root, "src/b/types.ts"), "export interface T { x: 1 }\n");
    await Deno.writeTextFile(join(root, "src/b/code.ts"), "export const c = 1;\n");
    await Deno.writeTextFile(join(root, "src/b/late.ts"), "export const l = 1;\n");
    await Deno.writeTextFile(
      join(root, "src/a/user.ts"),
      `import type { T } from "../b/types.ts";
import { c } from "../b/code.ts";
import "./gone.ts";
export const late = (): Promise<unknown> => import("../b/late.ts");
export const t: T | number = c;
`,
    );
    const graph = await readImportGraph(root);
    assertEquals(
      graph.edges.filter(({ to }) => to.startsWith("src/b/")),
      [
        edge("a/user.ts", "b/types.ts", true),
        edge("a/user.ts", "b/code.ts"),
        edge("a/user.ts", "b/late.ts"),
      ],
    );
    assertEquals(graph.unresolved.length, 1);
    assertEquals(graph.unresolved[0]?.startsWith("src/a/gone.ts: "), true);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
