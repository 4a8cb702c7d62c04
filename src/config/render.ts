import { HIDDEN, hideUserInfo } from "./_report.ts";
import { documentChildren } from "./_sources.ts";
import { shortDuration, yamlText } from "./_words.ts";
import { type ConfigProblem, describeSource, type Source } from "./error.ts";
import type { LoadedConfig } from "./load.ts";
import { rootSection } from "./root.ts";
import { formatPath, type Path, type Shape } from "./shape.ts";

/**
 * Writes the resolved configuration as YAML that could be loaded again, secrets aside: every value
 * on its line, with a comment that tells where it came from.
 */
export function renderConfig({ document, sources }: LoadedConfig): string {
  const root = { value: document, shape: rootSection.shape, path: [], secret: false };
  return renderChildren(root, sources).join("\n") + "\n";
}

/** Writes problems for a terminal, a block each, without a secret in it. */
export function renderProblems(problems: readonly ConfigProblem[]): string {
  return problems.map(renderProblem).join("\n");
}

function renderProblem({ path, found, expected, message, source }: ConfigProblem): string {
  const origin = source === undefined || source.kind === "default" ? "" : describeSource(source);
  const head = path === "" ? origin || "configuration" : path;
  const lines = [`${head}: ${message}`, `  found:    ${found}`, `  expected: ${expected}`];
  if (origin !== "" && origin !== head) lines.push(`  source:   ${origin}`);
  return lines.join("\n") + "\n";
}

interface Place {
  readonly value: unknown;
  readonly shape: Shape;
  readonly path: Path;
  readonly secret: boolean;
}

/** The lines of what is in a section, mapping or list. */
function renderChildren(parent: Place, sources: LoadedConfig["sources"]): string[] {
  return documentChildren(parent.value, parent.shape).flatMap(([part, value, shape]) => {
    const path = [...parent.path, part];
    const place: Place = { value, shape, path, secret: parent.secret || shape.secret === true };
    const lines = renderChildren(place, sources).map((line) => `  ${line}`);
    const isItem = typeof part === "number";
    const head = isItem ? "-" : `${yamlText(part)}:`;
    if (lines.length === 0) {
      return [`${head} ${renderValue(place)} ${describeOrigin(sources.get(formatPath(path)))}`];
    }
    // An item begins on the line of its dash.
    return isItem ? [`-${lines[0]?.slice(1)}`, ...lines.slice(1)] : [head, ...lines];
  });
}

function renderValue({ value, shape, secret }: Place): string {
  if (secret && !isEmptyValue(value)) return yamlText(HIDDEN);
  if (shape.type === "leaf" && shape.kind === "duration") {
    return shortDuration(Number(value));
  }
  if (shape.type === "section" && shape.emptyName !== undefined) return shape.emptyName;
  if (typeof value === "string") return yamlText(hideUserInfo(value));
  // JSON is YAML on one line.
  return JSON.stringify(value);
}

function isEmptyValue(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function describeOrigin(source: Source | undefined): string {
  switch (source?.kind) {
    case "file":
      return source.line === undefined ? "# file" : `# file line ${source.line}`;
    case "environment":
      return `# ${source.name}`;
    default:
      return "# default";
  }
}
