import { assertEquals } from "@std/assert";
import {
  badNames,
  leaks,
  lostByBundler,
  type SourceFile,
  tooLong,
  undocumented,
  unpairedTests,
} from "../../scripts/layout.ts";

function file(path: string, text = ""): SourceFile {
  return { path, text };
}

function lines(count: number): string {
  return "x;\n".repeat(count);
}

Deno.test("badNames wants snake case and a name that says something", () => {
  const files = [
    file("src/oci/digest.ts"),
    file("src/oci/_digest_table.ts"),
    file("src/oci/digestTable.ts"),
    file("src/oci/utils.ts"),
    file("tests/oci/helpers_test.ts"),
    file("docs/Read-Me.md"),
  ];
  assertEquals(badNames(files), [
    "src/oci/digestTable.ts: name the file in snake_case",
    "src/oci/utils.ts: name the file after what it does",
    "tests/oci/helpers_test.ts: name the file after what it does",
  ]);
});

Deno.test("tooLong allows sources 400 lines and tests 500", () => {
  const files = [
    file("src/a/fits.ts", lines(400)),
    file("src/a/long.ts", lines(401)),
    file("tests/a/fits_test.ts", lines(500)),
    file("tests/a/long_test.ts", lines(501)),
    file("docs/long.md", lines(5000)),
  ];
  assertEquals(tooLong(files), [
    "src/a/long.ts: has 401 lines, at most 400",
    "tests/a/long_test.ts: has 501 lines, at most 500",
  ]);
});

const LONG_FUNCTIONS: readonly (readonly [what: string, head: string, tail: string])[] = [
  ["a function", "function f(): void {", "}"],
  ["an exported asynchronous function", "export async function f<T>(a: T): Promise<T> {", "}"],
  ["a generator", "async function* f(): AsyncGenerator<string> {", "}"],
  ["parameters over several lines", "function f(\n  a: string,\n): void {", "}"],
  ["a method", "  async f(a: string): Promise<void> {", "  }"],
  ["a private method", "  static #f(): void {", "  }"],
];

for (const [what, head, tail] of LONG_FUNCTIONS) {
  Deno.test(`tooLong measures ${what}`, () => {
    const headLines = head.split("\n").length;
    const fits = `${head}\n${lines(39 - headLines)}${tail}\n`;
    const long = `${head}\n${lines(40 - headLines)}${tail}\n`;
    assertEquals(tooLong([file("src/a/b.ts", fits)]), []);
    const name = head.includes("#f") ? "#f" : "f";
    assertEquals(tooLong([file("src/a/b.ts", long)]), [
      `src/a/b.ts:1: "${name}" has 41 lines, at most 40`,
    ]);
  });
}

Deno.test("tooLong takes a long call for no function", () => {
  const calls = [
    `  register(name, {\n${lines(50)}  });\n`,
    `  register(\n${lines(50)}  );\n`,
    `  if (\n    a\n  ) {\n${lines(50)}  }\n`,
  ];
  assertEquals(calls.flatMap((text) => tooLong([file("src/a/b.ts", text)])), []);
});

Deno.test("lostByBundler finds what the bundler forgets to close, where it bundles", () => {
  const text = "function f() {\n  using file = open();\n  await using other = start();\n}\n";

  assertEquals(lostByBundler([file("scripts/a.ts", text), file("tests/a.ts", text)]), []);
  assertEquals(lostByBundler([file("src/a.ts", text)]), [
    'src/a.ts:2: close it in "finally", in place of "using"',
    'src/a.ts:3: close it in "finally", in place of "using"',
  ]);
});

Deno.test("leaks finds folders of a machine and hosts of package registries", () => {
  const home = ["", "home", "someone", "project"].join("/");
  const root = ["", "root", ".cache"].join("/");
  const host = ["registry", "npmjs", "org"].join(".");
  const text = `fine: ./root/x, $HOME/work/y, /var/lib/registry\nsee ${home}\ncd ${root}\n` +
    `fetch("https://${host}/x")\n`;
  assertEquals(leaks([file("README.md", text)]), [
    `README.md:2: names a folder of a machine, ${home.slice(0, -"project".length)}`,
    `README.md:3: names a folder of a machine, ${root.slice(0, -".cache".length)}`,
    `README.md:4: names a package registry, ${host}`,
  ]);
});

Deno.test("undocumented wants a docstring on every export of the program", () => {
  const text = `/** Told. */
export function told(a: string): void;
export function told(a: number): void;
export function told(): void {}

export const silent = 1;
// A comment is no docstring.
export interface Silent {}
/**
 * Told over
 * several lines.
 */
export type Told = string;
function inner(): void {}
`;
  assertEquals(undocumented([file("src/a/b.ts", text), file("tests/a/b_test.ts", text)]), [
    'src/a/b.ts:6: document "silent"',
    'src/a/b.ts:8: document "Silent"',
  ]);
});

const CODE = "export function f(): void {}\n";

Deno.test("unpairedTests pairs sources and tests by path", () => {
  const files = [
    file("mod.ts", CODE),
    file("src/a/paired.ts", CODE),
    file("src/a/alone.ts", CODE),
    file("scripts/gate.ts", CODE),
    file("tests/mod_test.ts"),
    file("tests/a/paired_test.ts"),
    file("tests/b/paired_test.ts"),
    file("tests/scripts/gate_test.ts"),
    file("tests/clients/skopeo_test.ts"),
    file("tests/a/fixture.ts"),
  ];
  assertEquals(unpairedTests(files), [
    "tests/b/paired_test.ts: tests no file of the same path",
    "src/a/alone.ts: add tests/a/alone_test.ts",
  ]);
});

Deno.test("unpairedTests gives a test of one aspect to the longest name that fits", () => {
  const files = [
    file("src/a/blob.ts", CODE),
    file("src/a/blob_store.ts", CODE),
    file("tests/a/blob_store_delete_test.ts"),
  ];
  assertEquals(unpairedTests(files), ["src/a/blob.ts: add tests/a/blob_test.ts"]);
});

Deno.test("unpairedTests asks no test of types, constants, private files and listed ones", () => {
  const files = [
    file("src/a/shape.ts", "export interface A {}\nexport type B = string;\n"),
    file("src/a/limits.ts", "export const LIMIT = 4;\n"),
    file("src/a/types.ts", CODE),
    file("src/a/_parts.ts", CODE),
    file("src/main.ts", CODE),
    file("scripts/bench/run_bench.ts", CODE),
  ];
  assertEquals(unpairedTests(files), []);
});

Deno.test("unpairedTests asks a test of a constant that is a function", () => {
  const text = "export const f = (a: number): number => {\n  return a;\n};\n";
  assertEquals(unpairedTests([file("src/a/b.ts", text)]), ["src/a/b.ts: add tests/a/b_test.ts"]);
});
