/**
 * What clients of a registry do, over {@linkcode HttpConnection}: no byte is hashed or copied here,
 * so that the time is the server's.
 *
 * @module
 */
import type { Content } from "../../tests/support/images.ts";
import type { FreshBlob } from "./blob_maker.ts";
import {
  type Address,
  type Answer,
  type Exchange,
  expectStatus,
  HttpConnection,
} from "./http_connection.ts";

/** Every manifest type in use, as clients send it. */
export const ACCEPT_MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const BYTES = { "Content-Type": "application/octet-stream" } as const;

/**
 * How a blob is pushed:
 * - `put`: POST, then PUT with the bytes, as skopeo and crane do in the end;
 * - `patch`: HEAD, POST, PATCH with the bytes, PUT, as Docker and containerd do.
 */
export type PushStyle = "put" | "patch";

/** Pushes a blob that the registry has not got. */
export async function pushBlob(
  connection: HttpConnection,
  { repository, blob, style = "put" }: {
    readonly repository: string;
    readonly blob: FreshBlob;
    readonly style?: PushStyle;
  },
): Promise<void> {
  if (style === "patch") {
    const path = blobPath(repository, blob.digest);
    await exchange(connection, { method: "HEAD", path, expected: [404] });
  }
  const start = { method: "POST", path: `/v2/${repository}/blobs/uploads/`, expected: [202] };
  let place = locationOf(await exchange(connection, start));
  const { parts } = blob;
  if (style === "patch") {
    const patch = { method: "PATCH", path: place, headers: BYTES, body: parts, expected: [202] };
    place = locationOf(await exchange(connection, patch));
  }
  const path = `${place}${place.includes("?") ? "&" : "?"}digest=${blob.digest}`;
  const body = style === "put" ? { headers: BYTES, body: parts } : {};
  await exchange(connection, { method: "PUT", path, ...body, expected: [201] });
}

/** Pulls a blob and drops its bytes. */
export async function pullBlob(
  connection: HttpConnection,
  { repository, digest }: { readonly repository: string; readonly digest: string },
): Promise<void> {
  const path = blobPath(repository, digest);
  await exchange(connection, { method: "GET", path, expected: [200] });
}

/** Pushes a manifest under a tag or a digest. */
export async function pushManifest(
  connection: HttpConnection,
  { repository, reference, manifest }: {
    readonly repository: string;
    readonly reference: string;
    readonly manifest: Content;
  },
): Promise<void> {
  await exchange(connection, {
    method: "PUT",
    path: manifestPath(repository, reference),
    headers: { "Content-Type": manifest.mediaType },
    body: [manifest.bytes],
    expected: [201],
  });
}

/** Asks for a manifest by tag or digest. */
export async function pullManifest(
  connection: HttpConnection,
  { repository, reference, method = "GET" }: {
    readonly repository: string;
    readonly reference: string;
    readonly method?: "GET" | "HEAD";
  },
): Promise<void> {
  await exchange(connection, {
    method,
    path: manifestPath(repository, reference),
    headers: { Accept: ACCEPT_MANIFESTS },
    expected: [200],
  });
}

/** Path of a blob. */
export function blobPath(repository: string, digest: string): string {
  return `/v2/${repository}/blobs/${digest}`;
}

/** Path of a manifest. */
export function manifestPath(repository: string, reference: string): string {
  return `/v2/${repository}/manifests/${reference}`;
}

/** Several clients with a connection each. */
export interface Clients {
  readonly address: Address;
  readonly count: number;
  /** Breaks their connections. */
  readonly signal?: AbortSignal | undefined;
  /** Whether they pull so much that it counts what becomes of it; see {@linkcode SystemSocket}. */
  readonly drops?: boolean | undefined;
}

/**
 * Runs a task for each of several clients at once, on connections that are open before.
 *
 * @returns the time from the first to the last byte, in milliseconds
 */
export async function runClients(
  { address, count, ...options }: Clients,
  task: (connection: HttpConnection, client: number) => Promise<void>,
): Promise<number> {
  using stack = new DisposableStack();
  const connections: HttpConnection[] = [];
  for (let client = 0; client < count; client++) {
    connections.push(stack.use(await HttpConnection.open(address, options)));
  }
  const startMs = performance.now();
  const tasks = await Promise.allSettled(connections.map(task));
  const durationMs = performance.now() - startMs;
  options.signal?.throwIfAborted();
  for (const outcome of tasks) if (outcome.status === "rejected") throw outcome.reason;
  return durationMs;
}

/** Where an upload goes on: an absolute path, whether the registry gave a whole URL or not. */
function locationOf({ headers }: Answer): string {
  const location = headers.get("location");
  if (location === undefined) throw new Error("Cannot go on with an upload: it has no Location");
  const { pathname, search } = new URL(location, "http://registry");
  return pathname + search;
}

async function exchange(
  connection: HttpConnection,
  { expected, ...request }: Exchange & { readonly expected: readonly number[] },
): Promise<Answer> {
  const what = `${request.method} ${request.path}`;
  return expectStatus(await connection.send(request), { what, expected });
}
