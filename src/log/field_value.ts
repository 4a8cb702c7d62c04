/**
 * What a log line may contain: plain values only, and never a secret.
 *
 * @module
 */

import { LOG_FIELDS } from "./fields.ts";

/** A value that any formatter can write. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** Stands in a log line for a value that must not be there. */
export const HIDDEN = "<hidden>";

/** How deep and how wide a value may be before the rest is cut off. */
const MAX_DEPTH = 4;
const MAX_ENTRIES = 64;
const CUT_OFF = "…";

/**
 * Ends of names whose values are secret, dots, underscores and hyphens left out: `http.secret`,
 * `Proxy-Authorization`, `secret_key`, `clientSecret`, `refresh_token`.
 */
const SECRET_NAMES = [
  "accesskey",
  "accountkey",
  "apikey",
  "authorization",
  "cookie",
  "credential",
  "credentials",
  "passphrase",
  "passwd",
  "password",
  "privatekey",
  "secret",
  "secretkey",
  "signature",
  "token",
] as const;

const SECRET_REGEXP = new RegExp(
  `(?:${SECRET_NAMES.map((name) => [...name].join("[._-]?")).join("|")})$`,
  "i",
);

/** The last two letters of those names: nearly every other name is told apart by them alone. */
const SECRET_ENDINGS: ReadonlySet<string> = new Set(SECRET_NAMES.map((name) => name.slice(-2)));

/** The names of our own fields, which are on nearly every line and hold none. */
const HARMLESS_NAMES: ReadonlySet<string> = new Set(
  Object.values(LOG_FIELDS).filter((name) => !SECRET_REGEXP.test(name)),
);

/** Tells whether a field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  if (HARMLESS_NAMES.has(name)) return false;
  return SECRET_ENDINGS.has(name.slice(-2).toLowerCase()) && SECRET_REGEXP.test(name);
}

/**
 * Turns the value of a field into a plain one: an error into its message, a date into its ISO form,
 * a secret into {@linkcode HIDDEN}. Never throws, and ends on values that contain themselves.
 */
export function plainValue(name: string, value: unknown): PlainValue {
  if (isSecretName(name)) return HIDDEN;
  try {
    return plain(value, 0);
  } catch (error) {
    // A getter or a `toJSON` of a foreign object: the line matters more than this one field.
    return `<unreadable: ${error instanceof Error ? error.message : String(error)}>`;
  }
}

function plain(value: unknown, depth: number): PlainValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "object":
      return value === null ? null : plainObject(value, depth);
    default:
      return String(value);
  }
}

function plainObject(value: object, depth: number): PlainValue {
  if (value instanceof Error) return value.message === "" ? value.name : value.message;
  if (value instanceof Date) return String(value.toJSON());
  if (value instanceof URL) return hideUserInfo(value);
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (depth >= MAX_DEPTH) return CUT_OFF;
  if (Array.isArray(value) || value instanceof Set) return plainList([...value], depth);
  if (value instanceof Map) return plainEntries([...value], depth);
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return plain(value.toJSON(), depth + 1);
  }
  return plainEntries(Object.entries(value), depth);
}

function plainList(items: readonly unknown[], depth: number): PlainValue {
  const list = items.slice(0, MAX_ENTRIES).map((item) => plain(item, depth + 1));
  return items.length > MAX_ENTRIES ? [...list, CUT_OFF] : list;
}

function plainEntries(entries: readonly (readonly [unknown, unknown])[], depth: number) {
  const plainOnes = entries.slice(0, MAX_ENTRIES)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]): [string, PlainValue] => {
      const name = String(key);
      return [name, isSecretName(name) ? HIDDEN : plain(value, depth + 1)];
    });
  if (entries.length > MAX_ENTRIES) plainOnes.push([CUT_OFF, CUT_OFF]);
  return Object.fromEntries(plainOnes);
}

function hideUserInfo(url: URL): string {
  return url.password === "" ? url.href : url.href.replace(`:${url.password}@`, `:${HIDDEN}@`);
}
