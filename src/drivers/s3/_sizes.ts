/** What S3 asks of the parts of an upload. Source: Amazon S3, "Multipart upload limits". */
export const PART_LIMITS = {
  /** Least size of a part that is not the last, in bytes. */
  minBytes: 5 * 1024 * 1024,
  /** Most size of a part, in bytes. */
  maxBytes: 5 * 1024 * 1024 * 1024,
  /** Most parts of one upload. */
  count: 10_000,
} as const;

/** So many parts have one size, then the size doubles: what has few parts has parts of one size. */
const RUN_PARTS = 1000;

/**
 * The size of a part in bytes, by its number, which counts from 1.
 *
 * Parts of 5 MiB at first make room for 5 TB, and memory is only taken by uploads that need it: up
 * to 5 GB for parts of that size, up to 160 GB for parts 16 times as large.
 */
export function partSize(partNumber: number, firstBytes: number): number {
  const runs = Math.floor((partNumber - 1) / RUN_PARTS);
  return Math.min(firstBytes * 2 ** runs, PART_LIMITS.maxBytes);
}

/** A part of an object, from its first byte to the last, both counted from 0. */
export interface ByteSpan {
  readonly first: number;
  readonly last: number;
}

/** Cuts an object into spans of at least `spanBytes` bytes, the last one aside: 10,000 at most. */
export function cutSpans(sizeBytes: number, spanBytes: number): ByteSpan[] {
  const stepBytes = Math.max(spanBytes, Math.ceil(sizeBytes / PART_LIMITS.count));
  const spans: ByteSpan[] = [];
  for (let first = 0; first < sizeBytes; first += stepBytes) {
    spans.push({ first, last: Math.min(first + stepBytes, sizeBytes) - 1 });
  }
  return spans;
}
