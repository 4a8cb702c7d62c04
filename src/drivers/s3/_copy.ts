import { Semaphore } from "../../base/semaphore.ts";
import type { Bucket, CopySource, StoredPart } from "./_bucket.ts";
import { type ByteSpan, cutSpans } from "./_sizes.ts";

/** Options of {@linkcode copyInParts}. */
export interface CopyOptions {
  readonly sizeBytes: number;
  /** Size of a part in bytes. */
  readonly spanBytes: number;
  /** How many parts are copied at once. */
  readonly concurrency: number;
}

/** Copies an object of any size; the store moves the bytes. */
export async function copyInParts(
  bucket: Bucket,
  { source, destination }: { readonly source: CopySource; readonly destination: string },
  { sizeBytes, spanBytes, concurrency }: CopyOptions,
): Promise<void> {
  const uploadId = await bucket.createUpload(destination);
  try {
    const spans = cutSpans(sizeBytes, spanBytes);
    const place = { key: destination, uploadId };
    const parts = await copySpans(bucket, { place, source, spans, concurrency });
    await bucket.completeUpload(destination, { uploadId, parts });
  } catch (error) {
    await bucket.abortUpload(destination, uploadId).catch(() => {});
    throw error;
  }
}

/** Which spans of an object become the parts of an upload, from its first part on. */
export interface SpanCopy {
  readonly place: { readonly key: string; readonly uploadId: string };
  readonly source: CopySource;
  readonly spans: readonly ByteSpan[];
  /** How many are copied at once. */
  readonly concurrency: number;
}

/** Copies spans, several at a time; after a failure no further one is begun. */
export async function copySpans(
  bucket: Bucket,
  { place, source, spans, concurrency }: SpanCopy,
): Promise<StoredPart[]> {
  const limit = new Semaphore(concurrency);
  let failed = false;
  const copies = await Promise.allSettled(spans.map((span, index) =>
    limit.run(async () => {
      if (failed) throw new Error("Cannot copy: another part has failed");
      try {
        return await bucket.copyPart({ ...place, number: index + 1 }, { source, span });
      } catch (error) {
        failed = true;
        throw error;
      }
    })
  ));
  const failure = copies.find((copy) => copy.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return copies.flatMap((copy) => copy.status === "fulfilled" ? [copy.value] : []);
}
