/**
 * Writes the documents that are made from the code; with `--check` only tells which ones are stale.
 *
 * Usage: `deno run -A scripts/gen_docs.ts [--check]`
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { fullExample } from "../src/config/example_file.ts";
import { configJsonSchema } from "../src/config/json_schema.ts";
import { configurationPage } from "../src/config/reference_page.ts";
import { metricsPage } from "../src/metrics/reference_page.ts";

/** A document that is made from the code. */
export interface GeneratedDocument {
  /** From the root of the project. */
  readonly path: string;
  /** Its content. */
  make(): string;
}

/** Every document that is made from the code. */
export const DOCUMENTS: readonly GeneratedDocument[] = [
  {
    path: "docs/config.schema.json",
    make: () => `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`,
  },
  { path: "docs/configuration.md", make: configurationPage },
  { path: "docs/metrics.md", make: metricsPage },
  { path: "deploy/config/full.yml", make: fullExample },
];

/** The paths of the documents in the folder `root` that are missing or differ. */
export async function findStale(
  documents: readonly GeneratedDocument[],
  root: string,
): Promise<string[]> {
  const stale: string[] = [];
  for (const { path, make } of documents) {
    if (await readOrEmpty(`${root}/${path}`) !== make()) stale.push(path);
  }
  return stale;
}

/** Writes the documents into the folder `root`. */
export async function writeDocuments(
  documents: readonly GeneratedDocument[],
  root: string,
): Promise<void> {
  for (const { path, make } of documents) await Deno.writeTextFile(`${root}/${path}`, make());
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const root = (fromFileUrl as (url: URL) => string)(new URL("..", import.meta.url));
  const stale = await findStale(DOCUMENTS, root);
  if (!args.includes("--check")) {
    await writeDocuments(DOCUMENTS.filter(({ path }) => stale.includes(path)), root);
    for (const path of stale) console.log(`Wrote ${path}`);
    return 0;
  }
  for (const path of stale) {
    console.error(`Run "deno run -A scripts/gen_docs.ts": ${path} is not what the code makes`);
  }
  return stale.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
