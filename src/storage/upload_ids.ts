/**
 * The ids of uploads: what a client names one by, and its folder in storage.
 *
 * @module
 */

import { extractTimestamp, generate as generateUuid, validate as isUuidV7 } from "@std/uuid/v7";

/** Ids that may be a name in storage; any other was never given out. */
const ID_REGEXP = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The times of uploads are whole seconds, in milliseconds, as Distribution's are. */
const RESOLUTION_MS = 1000;

/** An id that nothing else has, and that tells when its upload began. */
export function newUploadId(nowMs: number): string {
  return generateUuid(nowMs);
}

/** Whether a text may be an id. */
export function isUploadId(text: string): boolean {
  return ID_REGEXP.test(text);
}

/**
 * When the upload began that an id of {@linkcode newUploadId} was made for, in milliseconds since the
 * epoch; `undefined`: another made this id.
 */
export function startOfUploadId(id: string): number | undefined {
  return isUuidV7(id) ? toUploadTime(extractTimestamp(id)) : undefined;
}

/** The time that an upload which begins now is said to begin at, in milliseconds since the epoch. */
export function toUploadTime(nowMs: number): number {
  return Math.floor(nowMs / RESOLUTION_MS) * RESOLUTION_MS;
}
