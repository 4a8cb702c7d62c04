import { compareNames } from "../base/bytes.ts";
import type { Page, PageRequest } from "../storage/store.ts";

/** A part of names that are sorted by their bytes. */
export function pageOf(
  names: readonly string[],
  { last, limit = Infinity }: PageRequest,
): Page {
  const after = last === undefined ? names : names.filter((name) => compareNames(name, last) > 0);
  return { entries: after.slice(0, limit), more: after.length > limit };
}
