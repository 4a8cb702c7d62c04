import type { Report } from "./_report.ts";
import type { Field } from "./fields.ts";

/** Bound on the passes: each takes at least one value out, and one or two do nearly always. */
const MAX_PASSES = 1000;

/**
 * Checks `input` against the schema of `field`, notes every value that does not fit, and gives the
 * values that are left, so that the rules between keys can be checked in the same run.
 */
export function validate<Out>(field: Field<Out>, input: unknown, report: Report): Out {
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const result = field.schema.safeParse(input);
    if (result.success) return result.data;
    for (const { path } of result.error.issues) {
      const place = path.map((part) => typeof part === "number" ? part : String(part));
      report.misfit(place);
      remove(input, place);
    }
  }
  throw new Error("Cannot check the configuration: its schema refuses an empty section");
}

/** Takes the value at `path` out, with the list that it is an item of. */
function remove(input: unknown, path: readonly (string | number)[]): void {
  const lastKey = path.findLastIndex((part) => typeof part === "string");
  let parent = input;
  for (const part of path.slice(0, lastKey)) parent = (parent as Children | undefined)?.[part];
  if (parent !== undefined) delete (parent as Children)[path[lastKey] ?? ""];
}

type Children = Record<string | number, unknown>;
