import { toBytes } from "../base/bytes.ts";
import type { Content } from "../storage/store.ts";

/** What a handler answers, before it becomes a `Response`. */
export interface Reply {
  /** HTTP status. */
  readonly status: number;
  /** Headers of this answer, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; its length is in the headers where it is a stream. @default none */
  readonly body?: Content;
}

/** An answer without a body. */
export function emptyReply(status: number, headers: Readonly<Record<string, string>>): Reply {
  // 204 and 304 have no length: RFC 9110, section 8.6.
  if (status === 204 || status === 304) return { status, headers };
  return { status, headers: { "content-length": "0", ...headers } };
}

/** An answer whose body is a JSON document on one line. */
export function jsonReply(
  document: unknown,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Reply {
  const body = toBytes(`${JSON.stringify(document)}\n`);
  const headers = {
    "content-type": "application/json",
    "content-length": String(body.byteLength),
    ...options.headers,
  };
  return { status: options.status ?? 200, headers, body };
}

/** An answer for a person, in plain text. */
export function textReply(
  text: string,
  options: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
): Reply {
  const body = toBytes(`${text}\n`);
  const headers = {
    "content-type": "text/plain; charset=utf-8",
    "content-length": String(body.byteLength),
    "x-content-type-options": "nosniff",
    ...options.headers,
  };
  return { status: options.status, headers, body };
}
