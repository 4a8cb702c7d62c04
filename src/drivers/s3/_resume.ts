import { isNoUpload } from "./failures.ts";
import type { Bucket, CopySource, StoredObject, StoredPart } from "./_bucket.ts";
import { PART_LIMITS } from "./_sizes.ts";
import { decodeUnfinished, hashParts, type Unfinished, unfinishedKey } from "./_unfinished.ts";

/** Where a writer goes on. */
export interface Resumed {
  /** See `FileWriter.version`. */
  readonly version: string;
  /** The upload in parts that goes on; "": none was begun. */
  readonly uploadId: string;
  readonly parts: readonly StoredPart[];
  /** Bytes behind the parts: the content of the object of the state; none: it has nothing to add. */
  readonly tail?: CopySource & { readonly sizeBytes: number };
  /** Whether a state is in the bucket. */
  readonly hasState: boolean;
  /** A file that was committed; nothing of it is in the parts or the tail. */
  readonly object?: StoredObject;
}

/** A file that holds nothing. */
export const NOTHING: Resumed = { version: "", uploadId: "", parts: [], hasState: false };

/** Finds out what earlier writers of a file have left, by their state and by the parts themselves. */
export async function resume(bucket: Bucket, key: string): Promise<Resumed> {
  const stateObject = await bucket.head(unfinishedKey(key));
  const state = stateObject && decodeUnfinished(stateObject.metadata);
  const parts = state && await readParts(bucket, { key, state });
  if (stateObject !== undefined && state !== undefined && parts !== undefined) {
    return join(state, { parts, stateObject });
  }
  // What was completed has no upload in parts any more.
  const object = await bucket.head(key);
  const hasState = stateObject !== undefined;
  if (object === undefined || object.sizeBytes === 0) return { ...NOTHING, hasState };
  return { ...NOTHING, hasState, object, version: `object ${object.etag}` };
}

/** Bytes in what was left. */
export function resumedBytes({ parts, tail, object }: Resumed): number {
  return sumBytes(parts) + (tail?.sizeBytes ?? 0) + (object?.sizeBytes ?? 0);
}

/** Bytes in parts. */
export function sumBytes(parts: readonly StoredPart[]): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
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
function join(
  { version, uploadId, partCount, partsHash }: Unfinished,
  { parts, stateObject }: {
    readonly parts: readonly StoredPart[];
    readonly stateObject: StoredObject;
  },
): Resumed {
  const known = parts.slice(0, partCount);
  const base = { uploadId, hasState: true, version: crypto.randomUUID() } as const;
  const later = withoutSmallEnd(parts.slice(partCount));
  // The first later part begins with the tail; without a part before it the tail has no place.
  if (later.length > 0) return { ...base, parts: [...known, ...later] };
  if (known.length < partCount) return { ...base, parts: known };
  const { key, etag, sizeBytes } = stateObject;
  const tail = sizeBytes === 0 ? {} : { tail: { key, etag, sizeBytes } };
  // A small part behind the known ones is the tail of a commit that failed.
  const agrees = parts.length === partCount && hashParts(known) === partsHash;
  return { ...base, parts: known, ...tail, ...agrees ? { version } : {} };
}

/** Only the last part of all may be small, so that nothing could follow such a one. */
function withoutSmallEnd(parts: readonly StoredPart[]): readonly StoredPart[] {
  const last = parts.at(-1);
  return last !== undefined && last.sizeBytes < PART_LIMITS.minBytes ? parts.slice(0, -1) : parts;
}
