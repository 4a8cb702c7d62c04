/** A part of some content. */
export interface ByteRange {
  /** First byte. */
  readonly offset: number;
  /** Number of bytes, at least 1. */
  readonly length: number;
}

/** So many parts are sent at most for one request; who asks for more gets the whole. */
export const MAX_RANGES = 4_096;

const UNIT_REGEXP = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const RANGE_REGEXP = /^(\d*)[ \t]*-[ \t]*(\d*)$/;

/**
 * Reads a `Range` header for content of `sizeBytes`.
 *
 * Parts are given in the order and number of the request, those beyond the end left out, since
 * clients that fetch many parts at once count them. They are never joined. Where all parts together
 * are longer than the content, or more than {@linkcode MAX_RANGES}, the whole is sent instead, so a
 * short header cannot ask for more than the content itself.
 *
 * Source: RFC 9110, sections 14.1 and 14.2; reference of Distribution, "Blobs".
 *
 * @returns `undefined`: send the whole; `unsatisfiable` and `malformed`: 416, the former with the
 * length of the content. Empty content is sent as a whole, since no part of it exists.
 */
export function parseRange(
  header: string,
  sizeBytes: number,
): readonly ByteRange[] | "unsatisfiable" | "malformed" | undefined {
  const equals = header.indexOf("=");
  const unit = header.slice(0, Math.max(equals, 0)).trim();
  if (!UNIT_REGEXP.test(unit)) return "malformed";
  if (unit.toLowerCase() !== "bytes") return undefined;
  const texts = header.slice(equals + 1).split(",").map(trim).filter((text) => text !== "");
  const ranges: ByteRange[] = [];
  for (const text of texts) {
    const range = parseOne(text, sizeBytes);
    if (range === undefined) return "malformed";
    if (range.length > 0) ranges.push(range);
  }
  if (texts.length === 0 || sizeBytes === 0) return undefined;
  if (ranges.length === 0) return "unsatisfiable";
  const askedBytes = ranges.reduce((sum, range) => sum + range.length, 0);
  return askedBytes > sizeBytes || ranges.length > MAX_RANGES ? undefined : ranges;
}

/** The value of `Content-Range` for a part of content of `sizeBytes`. */
export function formatContentRange({ offset, length }: ByteRange, sizeBytes: number): string {
  return `bytes ${offset}-${offset + length - 1}/${sizeBytes}`;
}

/** Reads `1-5`, `1-` or `-5`; a length of 0 or less stands for a part beyond the end. */
function parseOne(text: string, sizeBytes: number): ByteRange | undefined {
  const match = RANGE_REGEXP.exec(text);
  const [, first = "", last = ""] = match ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return { offset: sizeBytes - length, length };
  }
  const offset = Number(first);
  if (last !== "" && Number(last) < offset) return undefined;
  const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return { offset, length: end - offset };
}

function trim(text: string): string {
  return text.trim();
}
