import type { Fixture } from "./fixture.ts";
import { type LoadTool, loadWithGet, loadWithHead } from "./load_tools.ts";
import { ACCEPT_MANIFESTS, blobPath, manifestPath } from "./transfers.ts";
import type { Measured, SmallStand, Stand, Workload } from "./workload.ts";

/** How many connections send requests, each one at a time. */
const CONNECTIONS = 32;

/** A small request, and what must be said about its answer. */
interface Request {
  readonly name: string;
  readonly title: string;
  readonly method: "GET" | "HEAD";
  /** @default 200 */
  readonly status?: 200 | 404;
  path(fixture: Fixture): string;
}

/** What makes the load, by method. */
const LOADS = { GET: loadWithGet, HEAD: loadWithHead } as const;
const TOOLS = { GET: "wrk", HEAD: "ab" } as const satisfies Record<string, LoadTool>;

const REQUESTS: readonly Request[] = [
  {
    name: "manifest-get-tag",
    title: "manifest GET by tag",
    method: "GET",
    path: ({ repository, tag }) => manifestPath(repository, tag),
  },
  {
    name: "manifest-get-digest",
    title: "manifest GET by digest",
    method: "GET",
    path: ({ repository, image }) => manifestPath(repository, image.manifest.digest),
  },
  {
    name: "manifest-head-tag",
    title: "manifest HEAD by tag",
    method: "HEAD",
    path: ({ repository, tag }) => manifestPath(repository, tag),
  },
  {
    name: "manifest-head-digest",
    title: "manifest HEAD by digest",
    method: "HEAD",
    path: ({ repository, image }) => manifestPath(repository, image.manifest.digest),
  },
  {
    name: "blob-get-small",
    title: "small blob GET (1.5 kB)",
    method: "GET",
    path: ({ repository, smallBlob }) => blobPath(repository, smallBlob.digest),
  },
  {
    name: "blob-head-hit",
    title: "blob HEAD, present",
    method: "HEAD",
    path: ({ repository, smallBlob }) => blobPath(repository, smallBlob.digest),
  },
  {
    name: "blob-head-miss",
    title: "blob HEAD, absent",
    method: "HEAD",
    status: 404,
    path: ({ repository, missingDigest }) => blobPath(repository, missingDigest),
  },
];

/** Small requests as fast as they are answered. */
export const REQUEST_WORKLOADS: readonly Workload<SmallStand>[] = REQUESTS.map((request) => ({
  name: request.name,
  title: request.title,
  group: "requests",
  unit: "requests/s",
  better: "higher",
  needs: TOOLS[request.method],
  run: (stand) => measureRequests(stand, { ...request, path: request.path(stand.fixture) }),
}));

/**
 * Asks the same of a server again and again.
 *
 * @throws {Error} where an answer is not what it must be
 */
export async function measureRequests(
  { server, plan, signal }: Stand,
  { method, path, status = 200 }: {
    readonly method: "GET" | "HEAD";
    readonly path: string;
    readonly status?: 200 | 404;
  },
): Promise<Measured> {
  const { requests, requestsPerSecond, otherStatus, failed } = await LOADS[method]({
    url: server.url + path,
    seconds: plan.loadSeconds,
    connections: CONNECTIONS,
    headers: { Accept: ACCEPT_MANIFESTS },
    signal,
  });
  const wrong = failed + (status === 200 ? otherStatus : requests - otherStatus);
  if (wrong > 0 || requests === 0) {
    throw new Error(`${method} ${path} was not answered with ${status} in ${wrong} of ${requests}`);
  }
  return { value: requestsPerSecond, operations: requests };
}
