import { readAll, TooLargeError } from "../../base/read_all.ts";
import { isDigest } from "../../oci/digest.ts";
import { isPushableType, parseMediaType } from "../../oci/media_types.ts";
import { isTag } from "../../oci/reference.ts";
import { StoreError } from "../../storage/errors.ts";
import type { StoredManifest } from "../../storage/store.ts";
import { ApiError } from "../api_error.ts";
import { etagOf, matchesEtag } from "../etag.ts";
import { recordDelete, recordManifest } from "../operation_events.ts";
import { emptyReply, type Reply } from "../reply.ts";
import type { RequestContext } from "../request_context.ts";

/** Largest manifest that is accepted, in bytes. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Longest wait for the next byte of a manifest, in milliseconds. */
const IDLE_TIMEOUT_MS = 60_000;

/** Most tags that one push may set. */
const MAX_TAGS = 1000;

/** Sends a manifest exactly as it was pushed, whatever the client says that it accepts. */
export async function getManifest(context: RequestContext): Promise<Reply> {
  const { repository, variable, request } = context;
  const { tags, manifests } = context.store;
  const digest = isDigest(variable) ? variable : await tags.get(repository, variable);
  const manifest = await manifests.get(repository, digest);
  const warning = tags.warning?.(repository, variable);
  const ifNoneMatch = request.headers.get("if-none-match");
  if (ifNoneMatch !== null && matchesEtag(ifNoneMatch, digest)) {
    return emptyReply(304, identityHeaders(manifest));
  }
  if (context.events !== undefined) {
    await recordManifest(context, "pull", { manifest, tags: isDigest(variable) ? [] : [variable] });
  }
  const headers = {
    ...identityHeaders(manifest),
    "content-length": String(manifest.bytes.byteLength),
    "content-type": manifest.mediaType,
    ...isPushableType(manifest.mediaType) ? {} : { warning: SCHEMA1_WARNING },
    ...warning === undefined ? {} : { warning: `299 - "${warning}"` },
  };
  if (request.method === "HEAD") return { status: 200, headers };
  return { status: 200, headers, body: manifest.bytes };
}

/** Stores a manifest under its digest, and under the tags that are asked for. */
export async function putManifest(context: RequestContext): Promise<Reply> {
  const { repository, variable, request } = context;
  const tags = readTags(context);
  const bytes = await readBody(request);
  const mediaType = request.headers.get("content-type") ?? "";
  const pushed = await context.store.manifests.put(repository, {
    bytes,
    mediaType,
    tags,
    ...isDigest(variable) ? { digest: variable } : {},
  });
  if (context.events !== undefined) {
    const { digest } = pushed;
    // It was taken, so its media type can be read.
    const manifest = { digest, bytes, mediaType: parseMediaType(mediaType) ?? mediaType };
    await recordManifest(context, "push", { manifest, tags });
  }
  return emptyReply(201, {
    location: context.urls.manifest(repository, pushed.digest),
    "docker-content-digest": pushed.digest,
    ...pushed.subject === undefined ? {} : { "oci-subject": pushed.subject },
    ...context.query.has("tag") ? { "oci-tag": tags.join(", ") } : {},
  });
}

/** Takes a tag, or a manifest with all its tags, out of the repository. */
export async function deleteManifest(context: RequestContext): Promise<Reply> {
  const { repository, variable, store } = context;
  if (isDigest(variable)) {
    const tags = await store.manifests.delete(repository, variable);
    if (context.events !== undefined) await recordDelete(context, { digest: variable, tags });
  } else {
    await store.tags.delete(repository, variable);
    if (context.events !== undefined) await recordDelete(context, { tags: [variable] });
  }
  return emptyReply(202, {});
}

/**
 * The tags of a push: the reference, if it is one, and the `tag` parameters.
 *
 * Source: OCI distribution specification, "Pushing Manifests", tag parameters.
 */
function readTags({ variable, query }: RequestContext): readonly string[] {
  const tags = new Set(query.getAll("tag"));
  const invalid = [...tags].find((tag) => !isTag(tag));
  if (invalid !== undefined) {
    throw new ApiError({ code: "TAG_INVALID", detail: { tag: invalid.slice(0, 256) } });
  }
  if (tags.size > MAX_TAGS) {
    const detail = { tags: tags.size, maximum: MAX_TAGS };
    throw new ApiError({ code: "TAG_INVALID", detail }, { status: 414 });
  }
  if (!isDigest(variable)) tags.add(variable);
  return [...tags];
}

/** Reads a body that must not be larger than a manifest may be; one that says so is not read. */
async function readBody({ body, headers }: Request): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(headers.get("content-length") ?? 0) > MAX_MANIFEST_BYTES) throw tooLarge();
  if (body === null) return new Uint8Array(0);
  try {
    return await readAll(body, { maxBytes: MAX_MANIFEST_BYTES, idleTimeoutMs: IDLE_TIMEOUT_MS });
  } catch (cause) {
    if (cause instanceof TooLargeError) throw tooLarge();
    throw new StoreError("upload_interrupted", {}, { cause });
  }
}

/** Source: OCI distribution specification, "Pushing Manifests": too large is 413. */
function tooLarge(): ApiError {
  const detail = `a manifest has at most ${MAX_MANIFEST_BYTES} bytes`;
  return new ApiError({ code: "MANIFEST_INVALID", detail }, { status: 413 });
}

function identityHeaders({ digest }: StoredManifest): Record<string, string> {
  return { "docker-content-digest": digest, etag: etagOf(digest) };
}

const SCHEMA1_WARNING =
  '299 - "This image has a schema 1 manifest, which clients no longer read: push it anew."';
