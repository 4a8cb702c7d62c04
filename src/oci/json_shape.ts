/** A JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells whether a JSON value is an object, and neither an array nor `null`. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells whether a JSON value is a list of texts. */
export function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

/** Tells whether a JSON value is an object of texts. */
export function isStringMap(value: unknown): value is Readonly<Record<string, string>> {
  return isJsonObject(value) && Object.values(value).every((entry) => typeof entry === "string");
}

/** Tells whether objects and lists are within each other more than `levels` times. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((entry) => isDeeperThan(entry, levels - 1));
}

/** Names of fields by how they look when case is ignored. */
export type Spellings = ReadonlyMap<string, string>;

/** Prepares `names` for {@linkcode findMisspelt}. */
export function spellings(names: readonly string[]): Spellings {
  return new Map(names.map((name) => [fold(name), name]));
}

/**
 * Finds a field whose name is a known one but for the case of its letters.
 *
 * Programs in Go read such a field as the one that it resembles; others do not see it. A document
 * that has one says different things to different readers.
 *
 * Source: Go's `encoding/json`, which also takes U+017F for `s` and U+212A for `k`.
 */
export function findMisspelt(
  object: JsonObject,
  known: Spellings,
): { readonly found: string; readonly meant: string } | undefined {
  for (const found of Object.keys(object)) {
    const meant = known.get(fold(found));
    if (meant !== undefined && meant !== found) return { found, meant };
  }
  return undefined;
}

/** Makes names equal that differ in case alone; upper case first, for the two odd letters. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
