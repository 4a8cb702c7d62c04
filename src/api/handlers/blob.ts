import { OCTET_STREAM } from "../../oci/media_types.ts";
import type { BlobInfo } from "../../storage/store.ts";
import { ApiError } from "../api_error.ts";
import { type ByteRange, formatContentRange, parseRange } from "../byte_range.ts";
import { etagOf, matchesEtag } from "../etag.ts";
import { multipartRanges } from "../multipart_ranges.ts";
import { recordBlob, recordDelete } from "../operation_events.ts";
import { emptyReply, type Reply } from "../reply.ts";
import type { RequestContext } from "../request_context.ts";

const WILL_READ = { willRead: true } as const;

/** Sends a blob, or parts of it; answers HEAD too. */
export async function getBlob(context: RequestContext): Promise<Reply> {
  const { store, repository, request } = context;
  const options = request.method === "GET" ? WILL_READ : undefined;
  const blob = await store.blobs.stat(repository, context.digest, options);
  const reply = conditionalReply(context, blob) ?? await redirectReply(context, blob) ??
    await contentReply(context, blob);
  if (context.events !== undefined && reply.status < 400) {
    await recordBlob(context, "pull", { blob });
  }
  return reply;
}

/** Takes a blob out of the repository. */
export async function deleteBlob(context: RequestContext): Promise<Reply> {
  await context.store.blobs.delete(context.repository, context.digest);
  if (context.events !== undefined) await recordDelete(context, { digest: context.digest });
  return emptyReply(202, {});
}

/** Source: RFC 9110, section 13.2.2. */
function conditionalReply({ request }: RequestContext, blob: BlobInfo): Reply | undefined {
  const ifMatch = request.headers.get("if-match");
  if (ifMatch !== null && !matchesEtag(ifMatch, blob.digest)) {
    return emptyReply(412, identityHeaders(blob));
  }
  const ifNoneMatch = request.headers.get("if-none-match");
  if (ifNoneMatch !== null && matchesEtag(ifNoneMatch, blob.digest)) {
    return emptyReply(304, identityHeaders(blob));
  }
  return undefined;
}

async function redirectReply(context: RequestContext, blob: BlobInfo): Promise<Reply | undefined> {
  if (!context.settings.redirect) return undefined;
  // Stores answer a list of ranges with everything, so that is served from here.
  if (context.request.headers.get("range")?.includes(",")) return undefined;
  const location = await context.store.blobs.redirectUrl(blob, {
    method: context.request.method === "HEAD" ? "HEAD" : "GET",
    clientAddress: context.client.address,
  });
  if (location === undefined) return undefined;
  return emptyReply(307, { location, "content-type": OCTET_STREAM });
}

async function contentReply(context: RequestContext, blob: BlobInfo): Promise<Reply> {
  const { request, store: { blobs } } = context;
  const [first, ...others] = readRanges(request, blob);
  const whole = wholeHeaders(blob);
  const isHead = request.method === "HEAD";
  if (first === undefined) {
    return { status: 200, headers: whole, ...isHead ? {} : { body: await blobs.open(blob) } };
  }
  if (others.length === 0) {
    const headers = {
      ...whole,
      "content-length": String(first.length),
      "content-range": formatContentRange(first, blob.sizeBytes),
    };
    return { status: 206, headers, ...isHead ? {} : { body: await blobs.open(blob, first) } };
  }
  const { contentType, contentLengthBytes, body } = multipartRanges({
    ranges: [first, ...others],
    sizeBytes: blob.sizeBytes,
    contentType: OCTET_STREAM,
    boundary: crypto.randomUUID(),
    open: (part) => blobs.open(blob, part),
  });
  const headers = {
    ...whole,
    "content-type": contentType,
    "content-length": String(contentLengthBytes),
  };
  return { status: 206, headers, body };
}

/**
 * The parts that are asked for; none: the whole.
 * @throws {ApiError} RANGE_INVALID
 */
function readRanges(
  { headers }: Request,
  { digest, sizeBytes }: BlobInfo,
): readonly ByteRange[] {
  const range = headers.get("range");
  const ifRange = headers.get("if-range");
  if (range === null || (ifRange !== null && ifRange !== etagOf(digest))) return [];
  const parsed = parseRange(range, sizeBytes) ?? [];
  if (typeof parsed !== "string") return parsed;
  throw new ApiError({ code: "RANGE_INVALID", detail: `${parsed} range` }, {
    headers: parsed === "malformed" ? {} : { "content-range": `bytes */${sizeBytes}` },
  });
}

/** Headers that say what the content is, whether it is sent or not. */
function identityHeaders({ digest }: BlobInfo): Record<string, string> {
  return {
    "cache-control": "max-age=31536000",
    "docker-content-digest": digest,
    etag: etagOf(digest),
  };
}

function wholeHeaders(blob: BlobInfo): Record<string, string> {
  return {
    ...identityHeaders(blob),
    "accept-ranges": "bytes",
    "content-length": String(blob.sizeBytes),
    "content-type": OCTET_STREAM,
  };
}
