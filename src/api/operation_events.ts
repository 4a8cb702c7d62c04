import type { Descriptor } from "../oci/descriptor.ts";
import { readManifest } from "../oci/manifest.ts";
import { OCTET_STREAM } from "../oci/media_types.ts";
import type { EventRecorder, EventTarget, OperationEvent } from "../notifications/event.ts";
import type { BlobInfo, StoredManifest } from "../storage/store.ts";
import type { RequestContext } from "./request_context.ts";
import { splitUrl } from "./request_path.ts";

/**
 * Tells that a manifest was pulled or pushed: one event for each tag, and one if there is none.
 *
 * Source: reference of Distribution, "Which operation emits what".
 */
export async function recordManifest(
  context: RequestContext,
  action: "pull" | "push",
  { manifest, tags }: { readonly manifest: StoredManifest; readonly tags: readonly string[] },
): Promise<void> {
  const { events, repository } = context;
  if (events === undefined || !events.wants(action, repository)) return;
  const { digest, bytes, mediaType } = manifest;
  const size = bytes.byteLength;
  const url = context.urls.manifest(repository, digest);
  const target: EventTarget = { mediaType, size, digest, length: size, repository, url };
  const references = events.includeReferences ? { references: referencesOf(bytes) } : {};
  const [tag, ...others] = tags;
  if (tag === undefined) {
    return await emit(context, events, { action, target: { ...target, ...references } });
  }
  const tell = (tag: string) =>
    emit(context, events, { action, target: { ...target, tag, ...references } });
  if (others.length === 0) return await tell(tag);
  await Promise.all(tags.map(tell));
}

/**
 * Tells that a blob was pulled, pushed or mounted.
 *
 * @param from where it was mounted from
 */
export async function recordBlob(
  context: RequestContext,
  action: "pull" | "push" | "mount",
  { blob, from }: { readonly blob: BlobInfo; readonly from?: string },
): Promise<void> {
  const { events, repository } = context;
  if (events === undefined || !events.wants(action, repository)) return;
  const target = {
    mediaType: OCTET_STREAM,
    size: blob.sizeBytes,
    digest: blob.digest,
    ...blob.sizeBytes === 0 ? {} : { length: blob.sizeBytes },
    repository,
    ...from === undefined || from === "" ? {} : { fromRepository: from },
    url: context.urls.blob(repository, blob.digest),
  };
  await emit(context, events, { action, target });
}

/** Tells that content with a digest was deleted, and which tags went with it; or a tag alone. */
export async function recordDelete(
  context: RequestContext,
  { digest, tags = [] }: { readonly digest?: string; readonly tags?: readonly string[] },
): Promise<void> {
  const { events, repository } = context;
  if (events === undefined || !events.wants("delete", repository)) return;
  const base = { mediaType: "", size: 0, repository };
  const targets: EventTarget[] = [
    ...digest === undefined ? [] : [{ ...base, digest }],
    ...tags.map((tag) => ({ ...base, digest: "", tag })),
  ];
  await Promise.all(
    targets.map((target) => emit(context, events, { action: "delete", target })),
  );
}

function emit(
  context: RequestContext,
  events: EventRecorder,
  event: Pick<OperationEvent, "action" | "target">,
): Promise<void> {
  const { request, userName } = context;
  const { host } = splitUrl(request.url);
  const { method } = request;
  const useragent = request.headers.get("user-agent") ?? "";
  const addr = context.remoteAddress === "" ? {} : { addr: context.remoteAddress };
  return events.record({
    action: event.action,
    target: event.target,
    request: { id: context.requestId, ...addr, ...host === "" ? {} : { host }, method, useragent },
    actor: userName === "" ? {} : { name: userName },
  });
}

/** What a manifest is made of: config and layers, or children. */
function referencesOf(bytes: Uint8Array): readonly Descriptor[] {
  const { config, layers, manifests } = readManifest(bytes);
  return [...config === undefined ? [] : [config], ...layers, ...manifests];
}
