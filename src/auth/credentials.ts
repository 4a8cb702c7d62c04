import { toText } from "../base/bytes.ts";

/** A name and a password, as they were sent. */
export interface BasicCredentials {
  readonly userName: string;
  readonly password: string;
}

/**
 * Reads the value of an `Authorization` header of the scheme `Basic`.
 *
 * @returns `undefined` for another scheme, and for what is malformed
 * Source: RFC 7617; as there for new servers, the text is UTF-8.
 */
export function parseBasic(authorization: string): BasicCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = decodeBase64(encoded);
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon < 0) return undefined;
  return { userName: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Reads the token of an `Authorization` header of the scheme `Bearer`. */
export function parseBearer(authorization: string): string | undefined {
  return /^bearer +([^ ]+) *$/i.exec(authorization)?.[1];
}

function decodeBase64(encoded: string): string | undefined {
  try {
    return toText(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
