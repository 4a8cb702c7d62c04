/**
 * The `_state` of an upload's address: where the upload stands, sealed so that nobody else can make
 * one. Replicas that share a secret, Distribution among them, open each other's.
 *
 * Source: reference of Distribution, "Upload sessions", "State token".
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { isJsonObject } from "../oci/json_shape.ts";

/** Where an upload stands. */
export interface UploadState {
  readonly repository: string;
  readonly id: string;
  /** Bytes received so far. */
  readonly offset: number;
  readonly startedAtMs: number;
}

/** Why a token is refused. */
export type UploadStateErrorCode = "invalid_encoding" | "invalid_secret" | "malformed";

/** Says why a token is refused, in Distribution's words, which go out as a detail. */
export class UploadStateError extends Error {
  override readonly name = "UploadStateError";
  readonly code: UploadStateErrorCode;

  constructor(code: UploadStateErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Length of an HMAC-SHA256. */
const MAC_BYTES = 32;

/** Makes the token for `state`. */
export function sealUploadState(state: UploadState, secret: string): string {
  const message = Buffer.from(JSON.stringify({
    Name: state.repository,
    UUID: state.id,
    Offset: state.offset,
    StartedAt: new Date(state.startedAtMs).toISOString(),
  }));
  return toBase64Url(Buffer.concat([sign(message, secret), message]));
}

/**
 * Opens a token that was made with the same secret.
 *
 * @throws {UploadStateError} invalid_encoding, invalid_secret (also of a token that was altered),
 * malformed: whoever has the secret has sealed something else
 */
export function openUploadState(token: string, secret: string): UploadState {
  const bytes = fromBase64Url(token);
  const mac = bytes.subarray(0, MAC_BYTES);
  const message = bytes.subarray(MAC_BYTES);
  if (mac.length < MAC_BYTES || !timingSafeEqual(mac, sign(message, secret))) {
    throw new UploadStateError("invalid_secret", "invalid secret");
  }
  const state = readState(message.toString());
  if (state === undefined) throw new UploadStateError("malformed", "invalid upload state");
  return state;
}

function sign(message: Buffer, secret: string): Buffer {
  return createHmac("sha256", secret).update(message).digest();
}

function readState(text: string): UploadState | undefined {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(state)) return undefined;
  const { Name: repository, UUID: id, Offset: offset, StartedAt } = state;
  if (typeof repository !== "string" || typeof id !== "string") return undefined;
  if (typeof offset !== "number" || !Number.isSafeInteger(offset) || offset < 0) return undefined;
  const startedAtMs = typeof StartedAt === "string" ? Date.parse(StartedAt) : NaN;
  return Number.isNaN(startedAtMs) ? undefined : { repository, id, offset, startedAtMs };
}

function toBase64Url(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

/** Node reads anything as base64; only what it would have written itself counts. */
function fromBase64Url(token: string): Buffer {
  const bytes = Buffer.from(token, "base64url");
  if (toBase64Url(bytes) === token) return bytes;
  const illegal = token.search(/[^A-Za-z0-9_=-]/);
  // What is wrong with the end is reported where its group of four begins.
  const position = illegal === -1 ? token.length - (token.length % 4 || 4) : illegal;
  const message = `illegal base64 data at input byte ${position}`;
  throw new UploadStateError("invalid_encoding", message);
}
