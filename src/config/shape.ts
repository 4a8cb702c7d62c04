/**
 * What the configuration may hold, as data: which keys, of what kind, with what default and
 * meaning.
 *
 * The builders of `fields.ts` make it beside the zod schema, from the same words, so that checking,
 * environment names, hints for unknown keys, the JSON Schema and the manual cannot disagree.
 *
 * @module
 */

/** How to get rid of a key that older versions had. */
export interface Obsolete {
  /**
   * The key that takes the value when it has none of its own; `*` stands for the list index at the
   * same place. Absent where the value is dropped.
   */
  readonly use?: string;
  /** Why, or what to do instead. */
  readonly note: string;
  /** Whether nothing can go on with the key there. @default false */
  readonly refused?: boolean;
}

/** What every key may carry. */
export interface Notes {
  /** What the key means, in a sentence or two, as Markdown. */
  readonly about: string;
  /** Whether its value, and everything below it, must not be shown. @default false */
  readonly secret?: boolean;
  /** Whether the key is Stowage's own, unknown to Distribution. @default false */
  readonly own?: boolean;
  /** Whether no environment variable sets the key. @default false */
  readonly fileOnly?: boolean;
  /** Other names of the key in environment variables, in upper case. */
  readonly environmentNames?: readonly string[];
  /** Present where the key is only read for old files. */
  readonly obsolete?: Obsolete;
}

/** How a single value is read; see `coerce.ts`. */
export type LeafKind = "text" | "boolean" | "integer" | "duration" | "anything";

/** A single value. */
export interface LeafShape extends Notes {
  readonly type: "leaf";
  readonly kind: LeafKind;
  /** What the value must be, fit for a sentence: `a whole number from 1 to 100`. */
  readonly expected: string;
  /** The unit of a number: `bytes`, `items`. Durations have theirs in the text. */
  readonly unit?: string;
  /** The value without one given; milliseconds for a duration. */
  readonly default?: unknown;
  /** The default in words, where it is no constant. */
  readonly defaultText?: string;
  /** Whether there must be a value where the section is there. @default false */
  readonly required?: boolean;
  /** The only texts allowed. */
  readonly values?: readonly string[];
  /** Whether the texts may be written in any case. @default false */
  readonly ignoreCase?: boolean;
  /** Other spellings that are read as one of the values. */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** Values of old files that are read as one of the values, with a warning. */
  readonly replaced?: Readonly<Record<string, string>>;
  /** Whether a value that does not fit is dropped with a warning, as Distribution does. */
  readonly lenient?: boolean;
  /** Whether a duration must be text: Distribution refuses bare numbers in untyped places. */
  readonly textOnly?: boolean;
}

/** A fixed set of keys. */
export interface SectionShape extends Notes {
  readonly type: "section";
  readonly fields: Readonly<Record<string, Shape>>;
  /** Keys whose name alone may stand for the section: `storage: inmemory`. */
  readonly nameAlone?: readonly string[];
  /** The section that has the same keys, so that they need not be listed again. */
  readonly sameAs?: string;
  /** The name that says that the section is empty: `auth: none`. */
  readonly emptyName?: string;
  /** A part of environment names that means this section itself: `REGISTRY_REDIS_OPTIONS_DB`. */
  readonly inlineName?: string;
}

/** Keys of the user's choice. */
export interface MapShape extends Notes {
  readonly type: "map";
  readonly value: Shape;
}

/** Any number of values. */
export interface ListShape extends Notes {
  readonly type: "list";
  readonly item: Shape;
}

/** What may stand at a place of the configuration. */
export type Shape = LeafShape | SectionShape | MapShape | ListShape;

/** Tells whether a key is read for old files only, itself or with all that is in it. */
export function isObsolete(shape: Shape): boolean {
  if (shape.obsolete !== undefined) return true;
  if (shape.type !== "section") return false;
  const fields = Object.values(shape.fields);
  return fields.length > 0 && fields.every(isObsolete);
}

/** The way to a value: keys and list indexes. */
export type Path = readonly (string | number)[];

/** Writes a path as messages show it: `notifications.endpoints[0].url`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** What should stand at a place, fit for a sentence. */
export function describeShape(shape: Shape): string {
  switch (shape.type) {
    case "leaf":
      return shape.expected;
    case "list":
      return "a list";
    case "map":
    case "section":
      return "a mapping";
  }
}

/** The shape at `path`, and whether something on the way there is secret. */
export function shapeAt(root: Shape, path: Path): { shape: Shape | undefined; secret: boolean } {
  let shape: Shape | undefined = root;
  let secret = root.secret === true;
  for (const part of path) {
    shape = childShape(shape, part);
    if (shape === undefined) break;
    secret ||= shape.secret === true;
  }
  return { shape, secret };
}

function childShape(shape: Shape, part: string | number): Shape | undefined {
  switch (shape.type) {
    case "leaf":
      return undefined;
    case "list":
      return shape.item;
    case "map":
      return shape.value;
    case "section":
      return Object.hasOwn(shape.fields, part) ? shape.fields[part] : undefined;
  }
}

/** A key with its place; `[]` stands for any index and `<name>` for any key. */
export interface ListedKey {
  readonly path: string;
  readonly shape: Shape;
  /** Whether the key or something above it is secret. */
  readonly secret: boolean;
  /** Whether the key, or something above it, is read for old files only. */
  readonly obsolete: boolean;
}

/** Every key below `shape`, sections included, in the order in which the sections name them. */
export function* listKeys(shape: Shape, above?: ListedKey): Generator<ListedKey> {
  for (const key of childKeys(above ?? { path: "", shape, secret: false, obsolete: false })) {
    yield key;
    yield* listKeys(key.shape, key);
  }
}

/** The keys right below a key, or what stands for any item or key of it. */
export function childKeys(parent: ListedKey): readonly ListedKey[] {
  return childrenOf(parent).map(([path, shape]) => ({
    path,
    shape,
    secret: parent.secret || shape.secret === true,
    obsolete: parent.obsolete || isObsolete(shape),
  }));
}

function childrenOf({ shape, path }: ListedKey): (readonly [string, Shape])[] {
  switch (shape.type) {
    case "leaf":
      return [];
    case "list":
      return [[`${path}[]`, shape.item]];
    case "map":
      return [[`${path}.<name>`, shape.value]];
    case "section":
      return Object.entries(shape.fields)
        .map(([key, child]) => [path === "" ? key : `${path}.${key}`, child]);
  }
}
