/** Where the bytes of a request belong in an upload. */
export interface UploadRange {
  /** Place of the first byte. */
  readonly offset: number;
  /** Number of bytes. */
  readonly length: number;
}

const RANGE_REGEXP = /^([0-9]{1,15})-([0-9]{1,15})$/;

/**
 * Reads the `Content-Range` of a chunk: `<first>-<last>`, without unit and total.
 *
 * The form of RFC 9110, `bytes 0-4/10`, is refused as in Distribution: the specification wants this
 * one, and a client that sends the other may mean something else by it.
 *
 * Source: OCI distribution specification, "Pushing a blob in chunks".
 *
 * @returns `inverted`: the last byte is before the first; `malformed`: anything else, numbers of
 * more than 15 digits included
 */
export function parseContentRange(header: string): UploadRange | "malformed" | "inverted" {
  const match = RANGE_REGEXP.exec(header.trim());
  if (match === null) return "malformed";
  const offset = Number(match[1]);
  const last = Number(match[2]);
  return last < offset ? "inverted" : { offset, length: last - offset + 1 };
}

/**
 * The value of `Range` for an upload that holds `sizeBytes`.
 *
 * None and one byte are both `0-0`: the form cannot say nothing, and clients insist on it.
 *
 * Source: reference of Distribution, "Upload sessions".
 */
export function formatUploadRange(sizeBytes: number): string {
  return `0-${Math.max(sizeBytes - 1, 0)}`;
}
