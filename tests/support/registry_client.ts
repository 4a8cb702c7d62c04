/**
 * A registry client of few words for tests: it sends what it is told and complains about every
 * status it did not expect, with what the registry answered.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { blobsOf, type Content, digestOf, type Image, manifestsOf } from "./images.ts";

/** A repository of a registry. */
export interface Repository {
  /** Where the registry answers, without a slash at the end. */
  readonly url: string;
  readonly name: string;
  /** What {@linkcode startUpload} connects with, where the registry speaks TLS. */
  readonly client?: Deno.HttpClient;
}

/** A request and the statuses it may be answered with. */
export interface RequestOptions extends RequestInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default that of the runtime */
  readonly client?: Deno.HttpClient;
  /** @default [200] */
  readonly expect?: readonly number[];
}

/** A manifest as a registry gave it. */
export interface PulledManifest extends Content {
  /** The `Docker-Content-Digest` header. */
  readonly digest: string;
}

/** Says that a registry answered with a status that was not expected. */
export class UnexpectedStatusError extends Error {
  override readonly name = "UnexpectedStatusError";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** How long an answer may take, its body included, in milliseconds. */
const ANSWER_MS = 300_000;

/**
 * Sends a request.
 *
 * @throws {UnexpectedStatusError} with the request, the status and the answer
 */
export async function request(url: string, options: RequestOptions = {}): Promise<Response> {
  const { expect = [200], ...init } = options;
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
  if (expect.includes(response.status)) return response;
  throw new UnexpectedStatusError(
    `${init.method ?? "GET"} ${url} answered ${response.status}, expected ${
      expect.join(" or ")
    }: ` +
      (await response.text()).slice(0, 2000),
    response.status,
  );
}

/** Sends a request and gives the parsed JSON of the answer. */
export async function requestJson<T>(url: string, options: RequestOptions = {}): Promise<T> {
  const response = await request(url, options);
  return await response.json();
}

/** Pushes an image: blobs, then the manifests of its children, then its own, tagged. */
export async function pushImage(
  repository: Repository,
  { image, tag }: { readonly image: Image; readonly tag?: string },
): Promise<void> {
  for (const blob of blobsOf(image)) await pushBlob(repository, blob);
  for (const manifest of manifestsOf(image)) {
    await pushManifest(repository, { manifest });
  }
  if (tag !== undefined) await pushManifest(repository, { manifest: image.manifest, tag });
}

/** Pushes a blob in two requests, as most clients do, unless it is there. */
export async function pushBlob(repository: Repository, blob: Content): Promise<void> {
  const head = await request(blobUrl(repository, blob.digest), {
    method: "HEAD",
    expect: [200, 404],
  });
  if (head.status === 200) return;
  const location = await startUpload(repository);
  location.searchParams.set("digest", blob.digest);
  const put = await request(location.href, {
    method: "PUT",
    body: blob.bytes,
    headers: { "Content-Type": "application/octet-stream" },
    expect: [201],
  });
  await put.body?.cancel();
  assertEquals(put.headers.get("Docker-Content-Digest"), blob.digest);
}

/** Starts an upload and gives the place to send the bytes to. */
export async function startUpload({ url, name, ...reached }: Repository): Promise<URL> {
  const post = await request(`${url}/v2/${name}/blobs/uploads/`, {
    ...reached,
    method: "POST",
    expect: [202],
  });
  await post.body?.cancel();
  return new URL(post.headers.get("Location") ?? "", post.url);
}

/** Pushes a manifest by tag or, without one, by digest. */
export async function pushManifest(
  { url, name }: Repository,
  { manifest, tag }: { readonly manifest: Content; readonly tag?: string },
): Promise<void> {
  const response = await request(`${url}/v2/${name}/manifests/${tag ?? manifest.digest}`, {
    method: "PUT",
    body: manifest.bytes,
    headers: { "Content-Type": manifest.mediaType },
    expect: [201],
  });
  await response.body?.cancel();
  assertEquals(response.headers.get("Docker-Content-Digest"), manifest.digest);
}

/** Pulls a manifest, accepting every type. */
export async function pullManifest(
  { url, name }: Repository,
  reference: string,
): Promise<PulledManifest> {
  const response = await request(`${url}/v2/${name}/manifests/${reference}`, {
    headers: { Accept: ACCEPT_ALL },
  });
  return {
    mediaType: response.headers.get("Content-Type") ?? "",
    digest: response.headers.get("Docker-Content-Digest") ?? "",
    bytes: await response.bytes(),
  };
}

/** Pulls a blob. */
export async function pullBlob(
  repository: Repository,
  digest: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await request(blobUrl(repository, digest));
  assertEquals(response.headers.get("Docker-Content-Digest"), digest);
  return await response.bytes();
}

/** Pulls an image by tag or digest, with all its children and blobs, and compares every byte. */
export async function verifyImage(
  repository: Repository,
  { image, reference }: { readonly image: Image; readonly reference?: string },
): Promise<void> {
  const wanted = [image.manifest, ...image.children.flatMap(manifestsOf)];
  const first = reference ?? image.manifest.digest;
  for (const [index, manifest] of wanted.entries()) {
    const pulled = await pullManifest(repository, index === 0 ? first : manifest.digest);
    assertEquals(pulled.digest, manifest.digest);
    assertEquals(pulled.mediaType, manifest.mediaType);
    assertSameBytes(pulled.bytes, manifest.bytes);
  }
  for (const blob of blobsOf(image)) {
    assertSameBytes(await pullBlob(repository, blob.digest), blob.bytes);
  }
}

/** The tags of a repository, in the order of the registry. */
export async function listTags({ url, name }: Repository): Promise<readonly string[]> {
  const { tags } = await requestJson<{ tags: readonly string[] | null }>(
    `${url}/v2/${name}/tags/list`,
  );
  return tags ?? [];
}

/** The repositories of a registry, in its order. */
export async function listRepositories(url: string): Promise<readonly string[]> {
  const { repositories } = await requestJson<{ repositories: readonly string[] }>(
    `${url}/v2/_catalog`,
  );
  return repositories;
}

/** Deletes a manifest by digest, or a tag. */
export async function deleteManifest(
  { url, name }: Repository,
  reference: string,
): Promise<void> {
  const response = await request(`${url}/v2/${name}/manifests/${reference}`, {
    method: "DELETE",
    expect: [202],
  });
  await response.body?.cancel();
}

/** The status with which a manifest is answered. */
export async function manifestStatus(
  { url, name }: Repository,
  reference: string,
): Promise<number> {
  const response = await fetch(`${url}/v2/${name}/manifests/${reference}`, {
    method: "HEAD",
    headers: { Accept: ACCEPT_ALL },
  });
  return response.status;
}

/** Where a blob is. */
export function blobUrl({ url, name }: Repository, digest: string): string {
  return `${url}/v2/${name}/blobs/${digest}`;
}

/** Every manifest type in use, as clients send it. */
const ACCEPT_ALL = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Compares bytes without printing megabytes where they differ. */
function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  assertEquals(digestOf(actual), digestOf(expected));
}
