const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** The UTF-8 bytes of `text`. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(text);
}

/** The text of UTF-8 `bytes`; what is not UTF-8 becomes U+FFFD. */
export function toText(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}

/**
 * Orders names by their bytes, as Distribution's listings are.
 *
 * JavaScript compares UTF-16 units, which is the same order for the ASCII that names are made of.
 */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
