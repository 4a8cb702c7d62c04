import type { Bucket, StoredObject } from "./_bucket.ts";
import { finishedKey } from "./_unfinished.ts";

/**
 * Removes an object, or all that are below it as a folder, a page of a listing at a time, and the
 * uploads in parts that go on there.
 *
 * @returns whether there was anything
 */
export async function removeTree(bucket: Bucket, key: string): Promise<boolean> {
  let found = false;
  for await (const objects of pagesOf(bucket, key)) {
    found ||= objects.length > 0;
    await bucket.remove(objects.map((object) => object.key));
    for (const object of objects) {
      const finished = finishedKey(object.key);
      if (finished !== undefined) await abortUploads(bucket, finished);
    }
  }
  return found;
}

/**
 * The objects that are `key` or below it, by pages. One listing tells of both: between them only
 * keys can be that continue the name by `-` or `.`; where they fill a page they are passed over.
 */
async function* pagesOf(bucket: Bucket, key: string): AsyncGenerator<readonly StoredObject[]> {
  const below = `${key}/`;
  for await (const { objects, token } of bucket.pages({ prefix: key })) {
    yield objects.filter((object) => object.key === key || object.key.startsWith(below));
    const last = objects.at(-1)?.key ?? "";
    if (token !== undefined && last < below) break;
    if (token === undefined || (last > below && !last.startsWith(below))) return;
  }
  for await (const { objects } of bucket.pages({ prefix: below })) yield objects;
}

async function abortUploads(bucket: Bucket, key: string): Promise<void> {
  for await (const upload of bucket.openUploads(key)) {
    if (upload.key === key) await bucket.abortUpload(key, upload.uploadId);
  }
}
