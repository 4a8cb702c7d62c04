import { createHash } from "node:crypto";
import type { StoredPart } from "./_bucket.ts";

/**
 * What a writer leaves beside its file for the next one: which upload in parts goes on, and how far
 * it is. It is the metadata of an object, whose content are the bytes behind the last part, as no
 * part but the last may be small.
 */
export interface Unfinished {
  /** Names this state; no other ever had or will have the name. */
  readonly version: string;
  /** The upload in parts; "": none was begun, for all there is fits behind. */
  readonly uploadId: string;
  /** How many parts there are. */
  readonly partCount: number;
  /** Hash of the parts' names; see {@linkcode hashParts}. */
  readonly partsHash: string;
}

/** The name that a state has among the metadata of its object. */
const METADATA_NAME = "stowage-unfinished";

/** The key of the state beside a file's key: a name that starts with a dot is none of a registry's. */
export function unfinishedKey(key: string): string {
  const slash = key.lastIndexOf("/") + 1;
  return `${key.slice(0, slash)}.${key.slice(slash)}.unfinished`;
}

/** The key of the file that a state is about; `undefined`: the key is not of a state. */
export function finishedKey(key: string): string | undefined {
  const match = /^(.*\/)?\.([^/]+)\.unfinished$/.exec(key);
  return match === null ? undefined : `${match[1] ?? ""}${match[2]}`;
}

/** Tells apart uploads whose parts differ, whoever has written them. */
export function hashParts(parts: readonly StoredPart[]): string {
  const hash = createHash("sha256");
  for (const { etag, sizeBytes } of parts) hash.update(`${etag} ${sizeBytes}\n`);
  return hash.digest("base64url");
}

/** Writes a state as metadata. */
export function encodeUnfinished(state: Unfinished): Readonly<Record<string, string>> {
  return { [METADATA_NAME]: JSON.stringify(state) };
}

/** Reads a state from metadata; `undefined`: it is damaged. */
export function decodeUnfinished(
  metadata: Readonly<Record<string, string>> = {},
): Unfinished | undefined {
  try {
    const { version, uploadId, partCount, partsHash } = JSON.parse(metadata[METADATA_NAME] ?? "");
    const texts = [version, uploadId, partsHash].every((value) => typeof value === "string");
    if (!texts || !Number.isSafeInteger(partCount)) return undefined;
    return { version, uploadId, partCount, partsHash };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
