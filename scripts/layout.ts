/**
 * The rules of the house that a machine can check: how files are named, how long they may be, what
 * they may not say, and which test belongs to which file.
 *
 * Every rule is a function from texts to problems, so that it can be tried on a few lines.
 *
 * @module
 */

/** A file of the project. */
export interface SourceFile {
  /** Path relative to the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Longest source file and longest test, in lines. */
export const MAX_LINES = { source: 400, test: 500 } as const;

/** Longest function, in lines from its first to its closing brace. */
export const MAX_FUNCTION_LINES = 40;

/** File names that say nothing about what is inside. */
const EMPTY_NAMES = ["utils", "util", "helpers", "helper", "common", "misc", "shared", "index"];

/** Where the tests of a folder live, and what a file there may do without one. */
const MIRRORS: readonly { readonly sources: string; readonly tests: string }[] = [
  { sources: "src/", tests: "tests/" },
  { sources: "scripts/", tests: "tests/scripts/" },
];

/** Folders of `tests/` that try the whole program and so mirror no folder of `src/`. */
const WHOLE_PROGRAM_TESTS = [
  "tests/browser/",
  "tests/clients/",
  "tests/conformance/",
  "tests/contracts/",
  "tests/crash/",
  "tests/interop/",
  "tests/deploy/",
  "tests/packaging/",
  "tests/replicas/",
  "tests/tracing/",
  "tests/support/",
];

/** Sources that are tried by something else than a test of the same name. */
export const TRIED_ELSEWHERE: Readonly<Record<string, string>> = {
  "src/main.ts": "starts the program: tests/clients/ and tests/crash/ run it",
  "scripts/compile.ts": "makes the executable: .ci/run compiles it and tries it",
  "scripts/layers.ts": "data alone: tests/scripts/check_layers_test.ts reads it",
};

/** Programs that measure: running them tries them; what they compute may have tests. */
const BENCHMARKS = "scripts/bench/";

/** Hosts of package registries, in pieces so that this file does not name one. */
const REGISTRY_HOSTS = [
  ["registry", "npmjs", "org"],
  ["registry", "yarnpkg", "com"],
  ["npm", "jsr", "io"],
  ["proxy", "golang", "org"],
  ["sum", "golang", "org"],
  ["files", "pythonhosted", "org"],
  ["deb", "debian", "org"],
].map((labels) => labels.join("."));

/** A home folder or a workplace: nothing that another machine has. */
const MACHINE_PATH = /(?<![\w.~$})\]-])\/(?:root|work|home\/[a-z][\w-]*|Users\/[A-Za-z][\w-]*)\//;

const FILE_NAME = /^_?[a-z0-9]+(?:_[a-z0-9]+)*$/;

/** Reports names that are not in snake case or say nothing. */
export function badNames(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const { path } of files) {
    if (!path.endsWith(".ts")) continue;
    const name = baseName(path);
    if (!FILE_NAME.test(name)) problems.push(`${path}: name the file in snake_case`);
    if (EMPTY_NAMES.includes(name.replace(/^_|_test$/g, ""))) {
      problems.push(`${path}: name the file after what it does`);
    }
  }
  return problems;
}

/** Reports files and functions that are too long. */
export function tooLong(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const { path, text } of files) {
    if (!path.endsWith(".ts")) continue;
    const max = path.startsWith("tests/") ? MAX_LINES.test : MAX_LINES.source;
    const lines = text.replace(/\n$/, "").split("\n");
    if (lines.length > max) problems.push(`${path}: has ${lines.length} lines, at most ${max}`);
    if (!path.startsWith("tests/")) problems.push(...longFunctions(path, lines));
  }
  return problems;
}

const USING = /^ *(?:await )?using \w+ =/;

/**
 * Reports `using` in what is bundled: the bundler's minifier puts a value that is used once in the
 * place of its name, and nothing closes it any more.
 */
export function lostByBundler(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => path.startsWith("src/")).flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) =>
      USING.test(line) ? [`${path}:${index + 1}: close it in "finally", in place of "using"`] : []
    )
  );
}

/** The first line of a function or method, or of a call, which {@linkcode endOfFunction} tells apart. */
const FUNCTION_START =
  /^( *)(?:export )?(?:(?:static|async|override|get|set) )*(?:function\*? *)?\*?([#\w]+)(?:<.*>)?\((?:.*[{(,])?$/;
const CONTROL_WORDS = ["if", "for", "while", "switch", "catch", "return", "super"];

/** Reports the functions and methods of one formatted file that are too long. */
function longFunctions(path: string, lines: readonly string[]): string[] {
  const problems: string[] = [];
  for (const [start, line] of lines.entries()) {
    const [, indent = "", name = ""] = FUNCTION_START.exec(line) ?? [];
    if (name === "" || CONTROL_WORDS.includes(name)) continue;
    const end = endOfFunction(lines, { start, indent });
    if (end === undefined) continue;
    const length = end - start + 1;
    if (length > MAX_FUNCTION_LINES) {
      problems.push(
        `${path}:${start + 1}: "${name}" has ${length} lines, at most ${MAX_FUNCTION_LINES}`,
      );
    }
  }
  return problems;
}

/** The line of the closing brace; `undefined` where a call starts and no function. */
function endOfFunction(
  lines: readonly string[],
  at: { readonly start: number; readonly indent: string },
): number | undefined {
  for (let index = at.start + 1; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (!line.startsWith(`${at.indent}}`) && !line.startsWith(`${at.indent})`)) continue;
    if (line === `${at.indent}}`) return index;
    // What closes and opens again is the end of the parameters: `): Promise<void> {`.
    if (!line.endsWith("{")) return undefined;
  }
  return undefined;
}

/** Reports lines that name a folder of one machine or the host of a package registry. */
export function leaks(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const { path, text } of files) {
    for (const [index, line] of text.split("\n").entries()) {
      const at = `${path}:${index + 1}`;
      const machinePath = MACHINE_PATH.exec(line);
      if (machinePath !== null) problems.push(`${at}: names a folder of a machine, ${machinePath}`);
      const host = REGISTRY_HOSTS.find((name) => line.includes(name));
      if (host !== undefined) problems.push(`${at}: names a package registry, ${host}`);
    }
  }
  return problems;
}

const EXPORT =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const|let) +(\w+)/;

/** Reports exports of the program that have no docstring. */
export function undocumented(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const { path, text } of files) {
    if (!isSource(path)) continue;
    const lines = text.split("\n");
    const documented = new Set<string>();
    for (const [index, line] of lines.entries()) {
      const name = EXPORT.exec(line)?.[1];
      if (name === undefined) continue;
      if (lines[index - 1]?.trimEnd().endsWith("*/")) documented.add(name);
      else if (!documented.has(name)) problems.push(`${path}:${index + 1}: document "${name}"`);
    }
  }
  return problems;
}

/**
 * Reports sources without a test and tests without a source.
 *
 * `src/a/b.ts` has `tests/a/b_test.ts`, or several `tests/a/b_<aspect>_test.ts`. No test is asked of
 * a file that only declares types and constants, of `_private.ts` files (their users are tested),
 * of `types.ts`, of benchmarks, and of {@linkcode TRIED_ELSEWHERE}.
 */
export function unpairedTests(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  const sources = new Map(
    files.filter(({ path }) => isSource(path)).map((file) => [
      testStem(file.path),
      file,
    ]),
  );
  const tested = new Set<string>();
  for (const { path } of files) {
    if (!path.startsWith("tests/") || !path.endsWith("_test.ts")) continue;
    if (WHOLE_PROGRAM_TESTS.some((folder) => path.startsWith(folder))) continue;
    const stem = sourceOfTest(path, sources);
    if (stem === undefined) problems.push(`${path}: tests no file of the same path`);
    else tested.add(stem);
  }
  for (const [stem, { path, text }] of sources) {
    if (!tested.has(stem) && needsTest(path, text)) problems.push(`${path}: add ${stem}_test.ts`);
  }
  return problems;
}

/** The path a test of `source` has, without `_test.ts`. */
function testStem(source: string): string {
  const mirror = MIRRORS.find(({ sources }) => source.startsWith(sources));
  const inside = mirror === undefined ? source : source.slice(mirror.sources.length);
  return `${mirror?.tests ?? "tests/"}${inside.replace(/\.ts$/, "")}`;
}

/** The longest stem of a source that the name of a test starts with, word by word. */
function sourceOfTest(
  test: string,
  sources: ReadonlyMap<string, SourceFile>,
): string | undefined {
  let stem = test.replace(/_test\.ts$/, "");
  while (!sources.has(stem)) {
    const cut = stem.lastIndexOf("_");
    if (cut <= stem.lastIndexOf("/")) return undefined;
    stem = stem.slice(0, cut);
  }
  return stem;
}

/** Tells whether a source has behaviour of its own that a test must try. */
function needsTest(path: string, text: string): boolean {
  if (Object.hasOwn(TRIED_ELSEWHERE, path) || path.startsWith(BENCHMARKS)) return false;
  const name = baseName(path);
  if (name === "types" || name.startsWith("_")) return false;
  return /^export (?:abstract )?(?:async )?(?:function|class)\b|=> *\{?$/m.test(text);
}

/** Tells whether `path` belongs to the program or to its scripts. */
function isSource(path: string): boolean {
  return path.endsWith(".ts") && (path === "mod.ts" || /^(?:src|scripts)\//.test(path));
}

/** The name of a file without its folder and its last extension. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
}
