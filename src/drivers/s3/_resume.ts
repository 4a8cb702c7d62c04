import { isMissing, isNoUpload } from "./failures.ts";
import type { Bucket, StoredObject, StoredPart } from "./_bucket.ts";
import { readWhole } from "./_reader.ts";
import { PART_LIMITS } from "./_sizes.ts";
import { decodeUnfinished, hashParts, type Unfinished, unfinishedKey } from "./_unfinished.ts";

/** Where a writer goes on. */
export interface Resumed {
  /** See `FileWriter.version`. */
  readonly version: string;
  /** The upload in parts that goes on; "": none was begun. */
  readonly uploadId: string;
  readonly parts: readonly StoredPart[];
  /** Bytes behind the parts. */
  readonly tail: Uint8Array<ArrayBuffer>;
  /** Whether a state is in the bucket. */
  readonly hasState: boolean;
  /** A file that was committed; nothing of it is in the parts or the tail. */
  readonly object?: StoredObject;
}

const NO_BYTES = new Uint8Array();

/** A file that holds nothing. */
export const NOTHING: Resumed = {
  version: "",
  uploadId: "",
  parts: [],
  tail: NO_BYTES,
  hasState: false,
};

/** Finds out what earlier writers of a file have left, by their state and by the parts themselves. */
export async function resume(bucket: Bucket, key: string): Promise<Resumed> {
  const state = await readUnfinished(bucket, key);
  const parts = state === undefined ? undefined : await readParts(bucket, { key, state });
  if (state !== undefined && parts !== undefined) return join(state, parts);
  // What was completed has no upload in parts any more.
  const object = await bucket.head(key);
  const hasState = state !== undefined;
  if (object === undefined || object.sizeBytes === 0) return { ...NOTHING, hasState };
  return { ...NOTHING, hasState, object, version: `object ${object.etag}` };
}

/** Bytes in what was left. */
export function resumedBytes({ parts, tail, object }: Resumed): number {
  return sumBytes(parts) + tail.byteLength + (object?.sizeBytes ?? 0);
}

/** Bytes in parts. */
export function sumBytes(parts: readonly StoredPart[]): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** The state that a writer has left beside a file; `undefined`: none, or a damaged one. */
export async function readUnfinished(
  bucket: Bucket,
  key: string,
): Promise<Unfinished | undefined> {
  try {
    const { stream, sizeBytes } = await bucket.get(unfinishedKey(key));
    return decodeUnfinished(await readWhole(stream, sizeBytes));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function readParts(
  bucket: Bucket,
  { key, state }: { readonly key: string; readonly state: Unfinished },
): Promise<StoredPart[] | undefined> {
  if (state.uploadId === "") return [];
  try {
    return await bucket.parts(key, state.uploadId);
  } catch (error) {
    if (isNoUpload(error)) return undefined;
    throw error;
  }
}

/**
 * Joins a state with the parts that there are. Where they do not agree, a writer has died, or
 * several were at work: what is there then counts, under a version that nobody knows.
 */
function join(state: Unfinished, parts: readonly StoredPart[]): Resumed {
  const { version, uploadId, partCount } = state;
  const known = parts.slice(0, partCount);
  const tail = new Uint8Array(state.tail);
  const base = { uploadId, hasState: true } as const;
  const agrees = known.length === partCount && hashParts(known) === state.partsHash;
  const later = withoutSmallEnd(parts.slice(partCount));
  if (later.length > 0) {
    // The first later part begins with the tail.
    return { ...base, version: crypto.randomUUID(), parts: [...known, ...later], tail: NO_BYTES };
  }
  if (agrees) {
    // A small part behind the known ones is the tail of a commit that failed.
    const isOurs = parts.length === partCount;
    return { ...base, version: isOurs ? version : crypto.randomUUID(), parts: known, tail };
  }
  const isWhole = known.length === partCount;
  return {
    ...base,
    version: crypto.randomUUID(),
    parts: known,
    tail: isWhole ? tail : NO_BYTES,
  };
}

/** Only the last part of all may be small, so that nothing could follow such a one. */
function withoutSmallEnd(parts: readonly StoredPart[]): readonly StoredPart[] {
  const last = parts.at(-1);
  return last !== undefined && last.sizeBytes < PART_LIMITS.minBytes ? parts.slice(0, -1) : parts;
}
