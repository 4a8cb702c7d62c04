import { coerce } from "./_coerce.ts";
import { moveObsolete } from "./_obsolete.ts";
import { TreeReport } from "./_report.ts";
import { collectSources } from "./_sources.ts";
import { emptyMap, type MapNode, type Node } from "./_tree.ts";
import { validate } from "./_validate.ts";
import { parseFile, type YamlProblem } from "./_yaml.ts";
import type { Config } from "./config.ts";
import { applyEnvironment, type Environment } from "./environment.ts";
import { ConfigError, type ConfigProblem, type Source } from "./error.ts";
import { resolveConfig, rootSection } from "./root.ts";

/** What {@linkcode loadConfig} reads. */
export interface LoadOptions {
  /** The file's content: YAML of version 0.1. */
  readonly text: string;
  /** Name of the file for messages. @default the text is built in, its values are defaults */
  readonly fileName?: string;
  /** Environment variables; those that begin with `REGISTRY_` count. @default none */
  readonly env?: Environment;
}

/** A configuration, and how it came about. */
export interface LoadedConfig {
  /** Deep-frozen. */
  readonly config: Config;
  /** What was odd, in the order in which it was met. */
  readonly warnings: readonly ConfigProblem[];
  /** Where each value came from, by its key in the file (`http.addr`). */
  readonly sources: ReadonlyMap<string, Source>;
  /** The values as the file would have them, defaults included; durations in milliseconds. */
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * Reads a configuration: the text, with the environment over it, obsolete keys under their new
 * names, checked key by key and then between keys.
 *
 * @throws {ConfigError} invalid: with every problem there is
 */
export function loadConfig({ text, fileName, env = {} }: LoadOptions): LoadedConfig {
  const { root, duplicates } = parseRoot(text.replace(/^\uFEFF/, ""), fileName);
  const { shape } = rootSection;
  const report = new TreeReport(root, shape);
  if (duplicates !== undefined) {
    report.warn([], duplicateRemark(sourceOf(duplicates, fileName)));
  }
  applyEnvironment(root, { env, shape, report });
  moveObsolete({ root, shape, report });
  const values = coerce(root, shape, { root: shape, report, path: [] });
  const document = validate(rootSection, values, report);
  const config = resolveConfig(document, report);
  const { warnings } = report;
  if (report.problems.length > 0) {
    throw new ConfigError("invalid", { problems: inOrder(report.problems), warnings });
  }
  const sources = collectSources({ root, shape, document });
  return { config: deepFreeze(config), warnings, sources, document: deepFreeze(document) };
}

/** Sorts problems as the sections are, whatever step found them. */
function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const sections = Object.keys(rootSection.shape.fields);
  const rank = ({ path }: ConfigProblem) => sections.indexOf(path.split(/[.[]/, 1)[0] ?? "");
  return problems.toSorted((a, b) => rank(a) - rank(b));
}

interface Parsed {
  readonly root: MapNode;
  readonly duplicates?: YamlProblem;
}

function parseRoot(text: string, fileName: string | undefined): Parsed {
  const result = parseFile(text, fileName);
  if ("problem" in result) throw notYaml(result.problem, fileName);
  const { node, duplicates } = result;
  return { root: toRoot(node, fileName), ...(duplicates === undefined ? {} : { duplicates }) };
}

/** An empty file is an empty mapping, which lacks what every file must have. */
function toRoot(node: Node, fileName: string | undefined): MapNode {
  if (node.type === "map") return node;
  if (node.type === "scalar" && node.value === null) return emptyMap(node.source);
  return throwInvalid({
    path: "",
    found: node.type === "list" ? "a list" : "a single value",
    expected: "a mapping",
    message: 'Write the configuration as "key: value" lines, beginning with "version: 0.1"',
    source: sourceOf({}, fileName),
  });
}

function notYaml(problem: YamlProblem, fileName: string | undefined): ConfigError {
  return new ConfigError("invalid", {
    problems: [{
      path: "",
      found: "a text that is no YAML",
      expected: "YAML",
      message: `Correct the YAML: ${problem.reason}`,
      source: sourceOf(problem, fileName),
    }],
  });
}

function throwInvalid(problem: ConfigProblem): never {
  throw new ConfigError("invalid", { problems: [problem] });
}

function duplicateRemark(source: Source) {
  return {
    found: "a key that is there twice",
    expected: "each key once",
    message: "Remove one of the two: the last one counts",
    source,
  };
}

function sourceOf({ line }: { readonly line?: number }, fileName: string | undefined): Source {
  if (fileName === undefined) return { kind: "default" };
  return line === undefined ? { kind: "file", fileName } : { kind: "file", fileName, line };
}

/** Freezes a value and everything in it. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}
