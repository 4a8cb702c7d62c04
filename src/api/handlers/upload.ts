import { digestAlgorithm, EMPTY_DIGEST, isDigest, isDigestAlgorithm } from "../../oci/digest.ts";
import { isStoreError } from "../../storage/errors.ts";
import type { BlobInfo, IncomingContent, StartOptions, Upload } from "../../storage/store.ts";
import { ApiError } from "../api_error.ts";
import { formatUploadRange, parseContentRange } from "../content_range.ts";
import { recordBlob } from "../operation_events.ts";
import { emptyReply, type Reply } from "../reply.ts";
import { readDigest, type RequestContext } from "../request_context.ts";
import { isStorableName } from "../route_match.ts";
import { openUploadState, sealUploadState, UploadStateError } from "../upload_state.ts";

/**
 * Begins an upload. With `mount` it links a blob that is here already, with `digest` the body is
 * the whole blob.
 *
 * Source: OCI distribution specification, "Pushing blobs".
 */
export async function postUpload(context: RequestContext): Promise<Reply> {
  const mounted = await tryMount(context);
  if (mounted !== undefined) {
    const from = context.query.get("from") ?? "";
    if (context.events !== undefined) await recordBlob(context, "mount", { blob: mounted, from });
    return blobReply(context, mounted);
  }
  const { repository, store: { uploads } } = context;
  const digestText = context.query.get("digest");
  if (digestText === null) {
    return progressReply(context, await uploads.start(repository, readAlgorithm(context)), 202);
  }
  const digest = readDigest(digestText);
  const content = readContent(context.request);
  const upload = await uploads.start(repository, { algorithm: digestAlgorithm(digest) });
  // Without a body the client only tells what it is going to send.
  if (content === undefined && digest !== EMPTY_DIGEST) return progressReply(context, upload, 202);
  let blob: BlobInfo;
  try {
    blob = await uploads.commit(upload, digest, content);
  } catch (error) {
    // The client never learns the id, so nobody could go on with it.
    await uploads.cancel(upload);
    throw error;
  }
  return await pushedReply(context, blob);
}

/** Tells how far an upload is. */
export async function getUpload(context: RequestContext): Promise<Reply> {
  return progressReply(context, await findUpload(context, { stateless: true }), 204);
}

/** Appends the body to an upload. */
export async function patchUpload(context: RequestContext): Promise<Reply> {
  const upload = await findUpload(context);
  const content = continuing(upload, readContent(context.request));
  if (content === undefined) return progressReply(context, upload, 202);
  return progressReply(context, await context.store.uploads.append(upload, content), 202);
}

/** Appends the body, if there is one, and makes the upload a blob. */
export async function putUpload(context: RequestContext): Promise<Reply> {
  const upload = await findUpload(context);
  const digestText = context.query.get("digest");
  if (digestText === null || digestText === "") {
    throw new ApiError({ code: "DIGEST_INVALID", detail: "digest missing" });
  }
  const digest = readDigest(digestText);
  const content = continuing(upload, readContent(context.request));
  return await pushedReply(context, await context.store.uploads.commit(upload, digest, content));
}

/** Gives an upload up. */
export async function deleteUpload(context: RequestContext): Promise<Reply> {
  const upload = await findUpload(context);
  await context.store.uploads.cancel(upload);
  return emptyReply(204, { "docker-upload-uuid": upload.id });
}

/** Links the blob that `mount` names. Whatever speaks against it leads to an ordinary upload. */
async function tryMount(context: RequestContext): Promise<BlobInfo | undefined> {
  const { query, repository, store } = context;
  const digest = query.get("mount");
  const from = query.get("from") ?? "";
  if (digest === null || !isDigest(digest)) return undefined;
  if (from !== "" && !isStorableName(from)) return undefined;
  // Nothing may show whether somebody else has a blob; what may not be read does not exist.
  if (!context.mayPull(from === "" ? undefined : from)) return undefined;
  try {
    return await store.blobs.mount(repository, digest, from === "" ? {} : { from });
  } catch (error) {
    if (isStoreError(error, "blob_unknown")) return undefined;
    throw error;
  }
}

function readAlgorithm({ query }: RequestContext): StartOptions {
  const algorithm = query.get("digest-algorithm");
  if (algorithm === null) return {};
  if (isDigestAlgorithm(algorithm)) return { algorithm };
  throw new ApiError({ code: "DIGEST_INVALID", detail: "unsupported digest algorithm" });
}

/** The upload that the path names, if the state in the query, where there is one, is about it. */
async function findUpload(
  context: RequestContext,
  options: { readonly stateless?: boolean } = {},
): Promise<Upload> {
  const { repository, variable, query, settings: { uploadSecret } } = context;
  const token = options.stateless ? null : query.get("_state");
  const upload = await context.store.uploads.find(repository, variable);
  if (token === null) return upload;
  const state = readState(token, uploadSecret);
  if (state.repository !== repository || state.id !== variable) {
    throw new ApiError({ code: "BLOB_UPLOAD_INVALID" });
  }
  if (state.offset !== upload.sizeBytes) throw new ApiError({ code: "RANGE_INVALID" });
  return upload;
}

function readState(
  token: string,
  secret: string | undefined,
): ReturnType<typeof openUploadState> {
  try {
    if (secret !== undefined) return openUploadState(token, secret);
  } catch (cause) {
    if (!(cause instanceof UploadStateError)) throw cause;
    throw new ApiError({ code: "BLOB_UPLOAD_INVALID", detail: cause.message }, { cause });
  }
  throw new ApiError({ code: "BLOB_UPLOAD_INVALID", detail: "invalid secret" });
}

/**
 * The body of a request and what its headers say of it.
 *
 * @returns `undefined` where there is no body
 * @throws {ApiError} RANGE_INVALID, SIZE_INVALID: the headers contradict each other
 */
function readContent({ body, headers }: Request): IncomingContent | undefined {
  const lengthText = headers.get("content-length");
  if (body === null || lengthText === "0") return undefined;
  const length = lengthText === null ? undefined : parseLength(lengthText);
  const rangeText = headers.get("content-range");
  if (rangeText === null) return { stream: body, ...length === undefined ? {} : { length } };
  const range = parseContentRange(rangeText);
  if (range === "malformed" || range === "inverted") {
    throw new ApiError({ code: "RANGE_INVALID", detail: rangeText.slice(0, 200) });
  }
  if (length !== undefined && length !== range.length) throw new ApiError({ code: "SIZE_INVALID" });
  return { stream: body, offset: range.offset, length: range.length };
}

/** Servers check this before; whoever calls the handler itself may send anything. */
function parseLength(text: string): number {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new ApiError({ code: "SIZE_INVALID", detail: text.slice(0, 200) });
}

/**
 * Content that says no place of its own belongs where this request has found the upload, also if
 * another request appends before it is this one's turn.
 */
function continuing(
  upload: Upload,
  content: IncomingContent | undefined,
): IncomingContent | undefined {
  return content && { offset: upload.sizeBytes, ...content };
}

function progressReply(context: RequestContext, upload: Upload, status: 202 | 204): Reply {
  const { settings: { uploadSecret } } = context;
  const state = uploadSecret === undefined ? {} : {
    _state: sealUploadState({
      repository: upload.repository,
      id: upload.id,
      offset: upload.sizeBytes,
      startedAtMs: upload.startedAtMs,
    }, uploadSecret),
  };
  return emptyReply(status, {
    location: context.urls.upload(upload.repository, upload.id, state),
    range: formatUploadRange(upload.sizeBytes),
    "docker-upload-uuid": upload.id,
  });
}

async function pushedReply(context: RequestContext, blob: BlobInfo): Promise<Reply> {
  if (context.events !== undefined) await recordBlob(context, "push", { blob });
  return blobReply(context, blob);
}

function blobReply(context: RequestContext, blob: BlobInfo): Reply {
  return emptyReply(201, {
    location: context.urls.blob(context.repository, blob.digest),
    "docker-content-digest": blob.digest,
  });
}
