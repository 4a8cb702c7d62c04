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
  const { digest, bytes } = manifest;
  const size = bytes.byteLength;
  const target: EventTarget = {
    mediaType: manifest.mediaType,
    size,
    digest,
    length: size,
    repository,
    url: context.urls.manifest(repository, digest),
  };
  const references = events.includeReferences ? { references: referencesOf(bytes) } : {};
  for (const tag of tags.length === 0 ? [undefined] : tags) {
    const named = tag === undefined ? {} : { tag };
    await emit(context, events, { action, target: { ...target, ...named, ...references } });
  }
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
): Promise<void> | undefined {
  const { request, userName } = context;
  const { host } = splitUrl(request.url);
  return events.record({
    ...event,
    request: {
      id: context.requestId,
      ...context.remoteAddress === "" ? {} : { addr: context.remoteAddress },
      ...host === "" ? {} : { host },
      method: request.method,
      useragent: request.headers.get("user-agent") ?? "",
    },
    actor: userName === "" ? {} : { name: userName },
  });
}

/** What a manifest is made of: config and layers, or children. */
function referencesOf(bytes: Uint8Array): readonly Descriptor[] {
  const { config, layers, manifests } = readManifest(bytes);
  return [...config === undefined ? [] : [config], ...layers, ...manifests];
}
