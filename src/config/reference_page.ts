import { defaultWords } from "./_words.ts";
import { environmentName } from "./environment.ts";
import { rootSection } from "./root.ts";
import { childKeys, type LeafShape, type ListedKey, listKeys, type Shape } from "./shape.ts";

/** The page `docs/configuration.md`: every key, from the same table that checks them. */
export function configurationPage(): string {
  const root: ListedKey = { path: "", shape: rootSection.shape, secret: false, obsolete: false };
  const blocks = [INTRODUCTION, tableOf(childKeys(root).filter(isRow))];
  for (const key of childKeys(root)) {
    if (!key.obsolete && key.shape.type === "section") blocks.push(...sectionBlocks(key, 2));
  }
  blocks.push(OBSOLETE_HEAD, obsoleteTable());
  return `${blocks.join("\n\n")}\n`;
}

const INTRODUCTION = `<!-- deno-fmt-ignore-file -->
<!-- Made from src/config by scripts/gen_docs.ts; change it there. -->

# Configuration

The configuration is a YAML file, the same one that Distribution reads (\`version: 0.1\`). It is the argument of \`stowage serve\`, or \`REGISTRY_CONFIGURATION_PATH\` names it. \`stowage config FILE\` prints what comes of it: every value, and where it is from.

- **Problems** are told all at once, each with its key, what was found, and what was expected; the registry then does not start. An unknown key is a warning that names the nearest known one.
- **Durations** are written as in Go, \`1h30m\` or \`500ms\`. A bare number is nanoseconds.
- **Booleans** may be \`true\`, \`false\`, \`yes\`, \`no\`, \`on\` and \`off\`.
- **Empty values** count as absent: the default applies.
- **Secrets** (marked *secret*) are never printed.
- **Editors** complete and check the file with its [JSON Schema](config.schema.json): begin it with \`# yaml-language-server: $schema=…/config.schema.json\`, as the files in \`deploy/config\` do.

## Environment variables

\`REGISTRY_\` and the key in upper case, its parts joined by \`_\`, set any key: \`REGISTRY_HTTP_ADDR\` is \`http.addr\`. The environment wins over the file.

- A value is read as YAML: \`REGISTRY_REDIS_ADDRS='["a:6379", "b:6379"]'\` sets a list, and a text with special characters needs quotes within the value.
- \`<n>\` is an index from 0. The index that follows the last one appends.
- \`REGISTRY_STORAGE=inmemory\` and \`REGISTRY_AUTH=none\` replace the **whole** section, \`delete\`, \`cache\` and \`maintenance\` too; variables below them then add to it. To change the driver of a file, set \`REGISTRY_STORAGE\` to the driver's name, and its parameters beside.
- Of Distribution's other spellings, all are understood: \`HEALTH_FILECHECKERS\`, \`HEALTH_HTTPCHECKERS\` and \`HEALTH_TCPCHECKERS\` for \`HEALTH_FILE\`, \`HEALTH_HTTP\` and \`HEALTH_TCP\`, \`NOTIFICATIONS_EVENTCONFIG\` for \`NOTIFICATIONS_EVENTS\`, \`LOG_HOOKS_<n>_MAILOPTIONS\` for \`LOG_HOOKS_<n>_OPTIONS\`, and \`REDIS_OPTIONS_…\` for \`REDIS_…\`.
- A variable that names no key is a warning, so that what Kubernetes sets for a service named \`registry\` does no harm.

## Keys

In the tables, \`[]\` stands for each item of a list and \`<name>\` for a key of your choice. *Stowage's own* marks keys that Distribution does not have and ignores.`;

const OBSOLETE_HEAD = `## Obsolete keys

Files of older versions may have these keys. They are read as told here, with a warning.`;

/** A heading and a table for a section, and again for what in it is large. */
function sectionBlocks(key: ListedKey, level: number): string[] {
  const { path, shape } = key;
  const heading = `${"#".repeat(level)} \`${path}\``;
  if (shape.type === "section" && shape.sameAs !== undefined) {
    return [`${heading}\n\n${shape.about} See \`${shape.sameAs}\`.`];
  }
  const rows = rowsBelow(key);
  const blocks = [`${heading}\n\n${shape.about}`];
  if (rows.length > 0) blocks.push(tableOf(rows));
  for (const child of childKeys(key)) {
    if (isOwnTable(child)) blocks.push(...sectionBlocks(child, level + 1));
  }
  return blocks;
}

/** The rows of a table: what is below a key, but for the parts that have a table of their own. */
function rowsBelow(parent: ListedKey): ListedKey[] {
  return childKeys(parent).flatMap((key) => {
    if (key.obsolete || isOwnTable(key)) return [];
    return isRow(key) ? [key, ...itemRows(key)] : rowsBelow(key);
  });
}

function itemRows(key: ListedKey): ListedKey[] {
  return childKeys(key).flatMap((item) => item.shape.type === "section" ? rowsBelow(item) : []);
}

/** A section is only the way to its keys. */
function isRow({ shape, obsolete }: ListedKey): boolean {
  return shape.type !== "section" && !obsolete;
}

/** Drivers, types of auth, and whatever else fills a table. */
function isOwnTable({ shape, path, obsolete }: ListedKey): boolean {
  if (shape.type !== "section" || obsolete || path.endsWith("[]")) return false;
  const isNamed = /^(?:storage|auth)\.[^.]+$/.test(path) && !SETTINGS.has(path);
  return isNamed || path === "http.tls";
}

/** The sections of `storage` that are no drivers. */
const SETTINGS: ReadonlySet<string> = new Set(
  ["delete", "redirect", "cache", "maintenance", "tag"].map((key) => `storage.${key}`),
);

function tableOf(keys: readonly ListedKey[]): string {
  return [
    "| Key | Type | Default | Unit | Environment | Meaning |",
    "|---|---|---|---|---|---|",
    ...keys.map(rowOf),
  ].join("\n");
}

function rowOf({ path, shape, secret }: ListedKey): string {
  const marks = [
    ...(shape.type === "leaf" && shape.required === true ? ["*required*"] : []),
    ...(secret ? ["*secret*"] : []),
    ...(shape.own === true ? ["*Stowage's own*"] : []),
  ];
  const cells = [
    `\`${path}\``,
    typeOf(shape),
    defaultOf(shape),
    unitOf(shape),
    shape.fileOnly === true ? "" : `\`${environmentName(path)}\``,
    [shape.about, ...marks].join(" "),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function typeOf(shape: Shape): string {
  switch (shape.type) {
    case "list":
      return `list of ${shape.item.type === "section" ? "mappings" : typeOf(shape.item)}`;
    case "map":
      return `mapping to ${typeOf(shape.value)}`;
    case "section":
      return "mapping";
    case "leaf":
      return shape.values === undefined ? LEAF_TYPES[shape.kind] : valuesOf(shape.values);
  }
}

/** Above so many, the values of a key are told with its meaning. */
const MAX_VALUES = 12;

const LEAF_TYPES: Readonly<Record<LeafShape["kind"], string>> = {
  text: "text",
  boolean: "boolean",
  integer: "whole number",
  duration: "duration",
  anything: "any value",
};

/** A long list of values has its place in the meaning. */
function valuesOf(values: readonly string[]): string {
  return values.length > MAX_VALUES ? "text" : values.map((value) => `\`${value}\``).join(", ");
}

function defaultOf(shape: Shape): string {
  if (shape.type === "list" || shape.type === "map") return "none";
  if (shape.type === "section" || shape.required === true) return "";
  return shape.default !== undefined ? `\`${defaultWords(shape)}\`` : shape.defaultText ?? "none";
}

function unitOf(shape: Shape): string {
  if (shape.type !== "leaf") return "";
  return shape.unit ?? (shape.kind === "duration" ? "ms, s, m, h" : "");
}

function obsoleteTable(): string {
  const rows = [...listKeys(rootSection.shape)].flatMap(({ path, shape }) => {
    const { obsolete } = shape;
    if (obsolete === undefined) return [];
    const use = obsolete.use?.replace(".*.", "[].");
    const effect = use === undefined ? obsolete.note : `read as \`${use}\`; ${obsolete.note}`;
    return [`| \`${path}\` | ${effect.replaceAll("|", "\\|")} |`];
  });
  return ["| Key | What happens |", "|---|---|", ...rows].join("\n");
}
