/**
 * The `_state` of an upload's address: where the upload stands, sealed so that nobody else can make
 * one. Replicas that share a secret, Distribution among them, open each other's.
 *
 * Source: reference of Distribution, "Upload sessions", "State token".
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
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
/** Groups of four, the last one padded. */
const BASE64URL_REGEXP = /^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/;
/** Length of the blocks that SHA-256 takes. */
const BLOCK_BYTES = 64;

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

/**
 * HMAC-SHA256.
 *
 * `createHmac` would do, but Deno 2.4 writes a deprecation warning to the terminal for it.
 *
 * Source: RFC 2104.
 */
function sign(message: Uint8Array, secret: string): Buffer {
  const bytes = Buffer.from(secret);
  const key = Buffer.alloc(BLOCK_BYTES);
  key.set(bytes.length > BLOCK_BYTES ? hash(bytes) : bytes);
  const inner = hash(key.map((byte) => byte ^ 0x36), message);
  return hash(key.map((byte) => byte ^ 0x5c), inner);
}

function hash(...parts: readonly Uint8Array[]): Buffer {
  const running = createHash("sha256");
  for (const part of parts) running.update(part);
  return running.digest();
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

/** Only what {@linkcode toBase64Url} would have written counts: spare bits, too, must be right. */
function fromBase64Url(token: string): Buffer {
  const bytes = BASE64URL_REGEXP.test(token) ? Buffer.from(token, "base64url") : undefined;
  if (bytes !== undefined && toBase64Url(bytes) === token) return bytes;
  const illegal = token.search(/[^\w=-]/);
  // What is wrong with the end is reported where its group of four begins.
  const position = illegal === -1 ? token.length - (token.length % 4 || 4) : illegal;
  const message = `illegal base64 data at input byte ${position}`;
  throw new UploadStateError("invalid_encoding", message);
}
