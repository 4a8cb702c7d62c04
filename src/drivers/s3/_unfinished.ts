import { createHash } from "node:crypto";
import { toBytes, toText } from "../../base/bytes.ts";
import type { StoredPart } from "./_bucket.ts";

/**
 * What a writer leaves beside its file for the next one: which upload in parts goes on, how far it
 * is, and the bytes behind the last part, as no part but the last may be small.
 */
export interface Unfinished {
  /** Names this state; no other ever had or will have the name. */
  readonly version: string;
  /** The upload in parts; "": none was begun, for all there is fits behind. */
  readonly uploadId: string;
  /** How many parts there are. */
  readonly partCount: number;
  /** Bytes in those parts. */
  readonly partBytes: number;
  /** Hash of the parts' names; see {@linkcode hashParts}. */
  readonly partsHash: string;
  /** What follows the parts. */
  readonly tail: Uint8Array;
}

const NEWLINE = 0x0a;

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

/** Writes a state: a line of JSON, then the tail. */
export function encodeUnfinished({ tail, ...head }: Unfinished): Uint8Array {
  const line = toBytes(`${JSON.stringify(head)}\n`);
  const bytes = new Uint8Array(line.byteLength + tail.byteLength);
  bytes.set(line);
  bytes.set(tail, line.byteLength);
  return bytes;
}

/** Reads a state; `undefined`: it is damaged. */
export function decodeUnfinished(bytes: Uint8Array): Unfinished | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) return undefined;
  const head = parseHead(toText(bytes.subarray(0, end)));
  return head && { ...head, tail: bytes.subarray(end + 1) };
}

function parseHead(text: string): Omit<Unfinished, "tail"> | undefined {
  try {
    const { version, uploadId, partCount, partBytes, partsHash } = JSON.parse(text);
    const texts = [version, uploadId, partsHash].every((value) => typeof value === "string");
    if (!texts || !Number.isSafeInteger(partCount) || !Number.isSafeInteger(partBytes)) {
      return undefined;
    }
    return { version, uploadId, partCount, partBytes, partsHash };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
