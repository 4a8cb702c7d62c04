import { defaultWords, yamlText } from "./_words.ts";
import { CONFIG_VERSION, rootSection } from "./root.ts";
import { isObsolete, type LeafShape, type SectionShape, type Shape } from "./shape.ts";

/** What begins every example: it tells editors how to complete and check the file. */
const HEAD = `# yaml-language-server: $schema=../../docs/config.schema.json
# deno-fmt-ignore-file
#
# Every key of the configuration, with its default. Take the "#" away from what you want to set;
# an empty value is the same as none. Made from src/config by scripts/gen_docs.ts; change it there.
`;

/** Keys that this file sets, so that it can be loaded as it is. */
const SET: Readonly<Record<string, string>> = {
  "version": `"${CONFIG_VERSION}"`,
  "storage.filesystem": "",
  "storage.filesystem.rootdirectory": "/var/lib/registry",
};

/** The file `deploy/config/full.yml`: every key there is, switched off but for the few it needs. */
export function fullExample(): string {
  const lines = sectionLines(rootSection.shape, { path: "", indent: "", isSet: true });
  return `${HEAD}\n${lines.join("\n")}\n`;
}

interface Place {
  readonly path: string;
  readonly indent: string;
  /** Whether the key is there, so that keys below it may be set. */
  readonly isSet: boolean;
}

function sectionLines(shape: SectionShape, { path, indent, isSet }: Place): string[] {
  return Object.entries(shape.fields).flatMap(([key, child], index) => {
    if (isObsolete(child) || (child.type === "section" && child.sameAs !== undefined)) return [];
    const place = path === "" ? key : `${path}.${key}`;
    const lines = [
      ...comment(child, indent),
      ...keyLines(key, child, { path: place, indent, isSet }),
    ];
    return path === "" && index > 0 ? ["", ...lines] : lines;
  });
}

function keyLines(key: string, shape: Shape, { path, indent, isSet }: Place): string[] {
  const set = SET[path];
  // A section of the top level may be there without keys; below it, a bare name can mean something.
  const isHere = isSet && (set !== undefined || isHarmless(path, shape));
  const mark = isHere ? "" : "#";
  const below: Place = { path, indent: `${indent}  `, isSet: isHere };
  const head = `${indent}${mark}${key}:`;
  switch (shape.type) {
    case "leaf":
      return [`${head} ${set ?? valueOf(shape)}`.trimEnd()];
    case "map":
      return [`${head} {}`];
    case "section": {
      const fields = sectionLines(shape, below);
      return fields.length === 0 ? [`${head} {}`] : [head, ...fields];
    }
    case "list":
      if (shape.item.type !== "section") return [`${head} []`];
      return [head, ...itemLines(shape.item, below)];
  }
}

/** One item, which begins on the line of its dash. */
function itemLines(shape: SectionShape, { path, indent }: Place): string[] {
  const place = { path: `${path}[]`, indent: `${indent}  `, isSet: false };
  return [`${indent}#-`, ...sectionLines(shape, place)];
}

function isHarmless(path: string, shape: Shape): boolean {
  return shape.type === "section" && !path.includes(".") && path !== "redis";
}

function comment(shape: Shape, indent: string): string[] {
  const values = shape.type === "leaf" && shape.values !== undefined && shape.values.length <= 12
    ? ` One of: ${shape.values.join(", ")}.`
    : "";
  const preset = shape.type === "leaf" && shape.default === undefined &&
      shape.defaultText !== undefined
    ? ` Default: ${shape.defaultText}.`
    : "";
  const words = `${shape.about}${values}${preset}`.replaceAll("`", "").split(" ");
  return wrap(words, { width: 98 - indent.length }).map((line) => `${indent}# ${line}`);
}

function wrap(words: readonly string[], { width }: { readonly width: number }): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function valueOf(shape: LeafShape): string {
  const words = defaultWords(shape);
  return typeof shape.default === "string" ? yamlText(words) : words;
}
