/** The documents of S3 that the double answers with. */

/** An element around text that is fit for XML already. */
export function tag(name: string, content: string | number): string {
  return `<${name}>${content}</${name}>`;
}

/** A whole document. */
export function bucketXml(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
}

/** An error. */
export function errorXml(code: string): string {
  return tag("Error", tag("Code", code) + tag("Message", `${code} of the double`));
}

/** A page of a listing: entries without an object are folders. */
export function objectsXml(
  page: readonly (readonly [
    string,
    {
      readonly content: { readonly byteLength: number };
      readonly etag: string;
      readonly modifiedAtMs: number;
    } | undefined,
  ])[],
  token: string | undefined,
): string {
  const entries = page.map(([key, object]) =>
    object === undefined ? tag("CommonPrefixes", tag("Prefix", key)) : tag(
      "Contents",
      tag("Key", key) + tag("Size", object.content.byteLength) + tag("ETag", object.etag) +
        tag("LastModified", new Date(object.modifiedAtMs).toISOString()),
    )
  );
  const next = token === undefined ? "" : tag("NextContinuationToken", token);
  return tag(
    "ListBucketResult",
    tag("IsTruncated", String(token !== undefined)) + next + entries.join(""),
  );
}

/** A page of the parts of an upload. */
export function partsXml(
  page: readonly { readonly number: number; readonly etag: string; readonly sizeBytes: number }[],
  more: boolean,
): string {
  const parts = page.map(({ number, etag, sizeBytes }) =>
    tag("Part", tag("PartNumber", number) + tag("ETag", etag) + tag("Size", sizeBytes))
  );
  const next = tag("NextPartNumberMarker", page.at(-1)?.number ?? 0);
  return tag("ListPartsResult", tag("IsTruncated", String(more)) + next + parts.join(""));
}

/** A page of the uploads in parts. */
export function uploadsXml(
  page: readonly {
    readonly key: string;
    readonly uploadId: string;
    readonly startedAtMs: number;
  }[],
  more: boolean,
): string {
  const uploads = page.map(({ key, uploadId, startedAtMs }) =>
    tag(
      "Upload",
      tag("Key", key) + tag("UploadId", uploadId) +
        tag("Initiated", new Date(startedAtMs).toISOString()),
    )
  );
  const last = page.at(-1);
  const next = tag("NextKeyMarker", last?.key ?? "") +
    tag("NextUploadIdMarker", last?.uploadId ?? "");
  return tag(
    "ListMultipartUploadsResult",
    tag("IsTruncated", String(more)) + next + uploads.join(""),
  );
}
