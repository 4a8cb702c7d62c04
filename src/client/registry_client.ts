/**
 * Another registry, asked by this one: manifests, blobs, tags, referrers, catalog.
 *
 * It only reads. What it gives has not been verified, but for its length where that matters: who
 * keeps or passes it on compares digests.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { readAll, TooLargeError } from "../base/read_all.ts";
import { toText } from "../base/bytes.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from "../oci/media_types.ts";
import type { Authorizer } from "./authorizer.ts";
import { ClientError, isClientError } from "./errors.ts";
import type { SafeFetch } from "./safe_fetch.ts";

/** A manifest as another registry has it. */
export interface RemoteManifest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Without parameters; empty where the registry did not say. */
  readonly mediaType: string;
}

/** A blob on its way from another registry. */
export interface RemoteBlob {
  /** Its first byte is the one that was asked for. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Length of the whole blob in bytes; `undefined`: the registry did not say. */
  readonly sizeBytes: number | undefined;
}

/** What an {@linkcode RegistryClient} tells of each answer; for metrics. */
export interface AnswerNotes {
  /** HTTP status; 0 where none came. */
  readonly status: number;
  /** What is left of what the registry allows, where it says so. */
  readonly rateLimit?: { readonly limit: number; readonly remaining: number };
}

/** What {@linkcode RegistryClient} needs. */
export interface RegistryClientOptions {
  /** Where the registry is; a path is kept. */
  readonly upstream: URL;
  readonly http: SafeFetch;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  /** Longest wait for an answer to begin, in milliseconds. */
  readonly timeoutMs: number;
  /** Is told of each answer. @default nobody is */
  readonly observe?: ((notes: AnswerNotes) => void) | undefined;
}

/** Largest manifest that is taken, in bytes: as large as may be pushed. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Largest page of a listing, in bytes. */
const MAX_LISTING_BYTES = 16 * 1024 * 1024;
/** So many pages of a listing are fetched at most. */
const MAX_PAGES = 1000;
/** How long a registry that wants fewer requests is left alone where it does not say, and at most. */
const PAUSE_MS = { default: 60_000, max: 3_600_000 } as const;
/** How often a request is made whose answer did not come, or was a passing failure. */
const TRIES = 2;
const PASSING_FAILURES: readonly number[] = [500, 502, 503, 504];

const MANIFEST_ACCEPT = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST].join(", ");

/** What a pause is about: Docker Hub counts manifests, and not blobs. */
type Kind = "manifest" | "blob" | "listing";

interface Ask {
  readonly kind: Kind;
  readonly method?: "GET" | "HEAD";
  /** Behind `/v2/`, or a whole URL of the same registry. */
  readonly path: string;
  readonly scope: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Asks one registry. After it has said that it wants fewer requests, it is not asked for a while. */
export class RegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #base: URL;
  readonly #pausedUntilMs = new Map<Kind, number>();

  constructor(options: RegistryClientOptions) {
    this.#options = options;
    const { href } = options.upstream;
    this.#base = new URL(`${href.replace(/\/+$/, "")}/v2/`);
  }

  /**
   * The digest that a tag points at.
   *
   * @returns `undefined`: the registry does not say
   * @throws {ClientError} any code
   */
  async headManifest(repository: string, reference: string): Promise<Digest | undefined> {
    const path = `${repository}/manifests/${reference}`;
    const headers = { accept: MANIFEST_ACCEPT };
    const response = await this.#ask({
      kind: "manifest",
      method: "HEAD",
      path,
      scope: pullScope(repository),
      headers,
    });
    const digest = response.headers.get("docker-content-digest") ?? "";
    return isDigest(digest) ? digest : undefined;
  }

  /** A manifest by tag or digest. @throws {ClientError} any code */
  async getManifest(repository: string, reference: string): Promise<RemoteManifest> {
    const path = `${repository}/manifests/${reference}`;
    const headers = { accept: MANIFEST_ACCEPT };
    const scope = pullScope(repository);
    const response = await this.#ask({ kind: "manifest", path, scope, headers });
    const bytes = await this.#readBody(response, MAX_MANIFEST_BYTES);
    const type = response.headers.get("content-type") ?? "";
    return { bytes, mediaType: type.split(";", 1)[0]?.trim() ?? "" };
  }

  /**
   * The length of a blob in bytes.
   *
   * @returns `undefined`: the registry has the blob, and does not say
   * @throws {ClientError} any code
   */
  async headBlob(repository: string, digest: Digest): Promise<number | undefined> {
    const path = `${repository}/blobs/${digest}`;
    const scope = pullScope(repository);
    const response = await this.#ask({ kind: "blob", method: "HEAD", path, scope });
    return readLength(response.headers.get("content-length"));
  }

  /**
   * A blob, or the rest of one.
   *
   * @throws {ClientError} any code; invalid_answer: the rest is not to be had
   */
  async getBlob(
    repository: string,
    digest: Digest,
    { offset = 0, signal }: { readonly offset?: number; readonly signal?: AbortSignal } = {},
  ): Promise<RemoteBlob> {
    const path = `${repository}/blobs/${digest}`;
    const scope = pullScope(repository);
    const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const response = await this.#ask({ kind: "blob", path, scope, headers, signal });
    const stream = response.body ?? new Blob([]).stream();
    if (offset === 0 && response.status === 200) {
      return { stream, sizeBytes: readLength(response.headers.get("content-length")) };
    }
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
    if (response.status === 206 && Number(range?.[1]) === offset) {
      return { stream, sizeBytes: Number(range?.[2]) };
    }
    if (response.status === 200) {
      const sizeBytes = readLength(response.headers.get("content-length"));
      return { stream: skip(stream, offset), sizeBytes };
    }
    await stream.cancel();
    throw this.#invalid("it did not send the range that was asked for");
  }

  /** All tags of a repository. @throws {ClientError} any code */
  async listTags(repository: string): Promise<readonly string[]> {
    const scope = pullScope(repository);
    const pages = this.#pages({ kind: "listing", path: `${repository}/tags/list?n=1000`, scope });
    const tags: string[] = [];
    for await (const page of pages) tags.push(...textsOf(page["tags"]));
    return tags;
  }

  /** The names of all repositories. @throws {ClientError} any code */
  async listRepositories(): Promise<readonly string[]> {
    const scope = "registry:catalog:*";
    const names: string[] = [];
    for await (const page of this.#pages({ kind: "listing", path: "_catalog?n=1000", scope })) {
      names.push(...textsOf(page["repositories"]));
    }
    return names;
  }

  /**
   * What refers to a manifest: the entries of the registry's list, as they came.
   *
   * @throws {ClientError} any code; not_found: the registry has no such lists
   */
  async listReferrers(repository: string, subject: Digest): Promise<readonly unknown[]> {
    const path = `${repository}/referrers/${subject}`;
    const entries: unknown[] = [];
    const pages = this.#pages({ kind: "listing", path, scope: pullScope(repository) });
    for await (const { manifests } of pages) {
      if (Array.isArray(manifests)) entries.push(...manifests);
    }
    return entries;
  }

  async *#pages(first: Ask): AsyncGenerator<Readonly<Record<string, unknown>>, void, void> {
    let path: string | undefined = first.path;
    for (let page = 0; path !== undefined && page < MAX_PAGES; page++) {
      const response = await this.#ask({ ...first, path });
      const bytes = await this.#readBody(response, MAX_LISTING_BYTES);
      yield this.#parse(bytes);
      path = this.#nextPage(response.headers.get("link"), path);
    }
  }

  /** Source: RFC 8288; OCI distribution specification, "Listing Tags". */
  #nextPage(link: string | null, path: string): string | undefined {
    const target = /<([^>]+)>\s*;[^,]*rel="?next"?/.exec(link ?? "")?.[1];
    if (target === undefined) return undefined;
    const next = new URL(target, new URL(path, this.#base));
    // A page elsewhere is no page of this registry.
    return next.origin === this.#base.origin && next.href !== path ? next.href : undefined;
  }

  #parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
    try {
      return JSON.parse(toText(bytes)) ?? {};
    } catch {
      throw this.#invalid("it is not JSON");
    }
  }

  async #readBody(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    if (response.body === null) return new Uint8Array(0);
    const { timeoutMs, upstream } = this.#options;
    try {
      return await readAll(response.body, { maxBytes, idleTimeoutMs: timeoutMs });
    } catch (cause) {
      if (cause instanceof TooLargeError) throw this.#invalid(`more than ${maxBytes} bytes`, cause);
      const message = `Cannot read the answer of "${upstream.host}": the connection broke`;
      throw new ClientError("unavailable", message, { cause });
    }
  }

  /** Gives an answer that is a success. */
  async #ask(ask: Ask): Promise<Response> {
    this.#refuseWhilePaused(ask.kind);
    for (let tries = 1;; tries++) {
      try {
        const response = await this.#send(ask);
        if (response.ok) return response;
        throw await this.#failure(ask.kind, response);
      } catch (error) {
        if (tries === TRIES || !isPassing(error) || ask.signal?.aborted) throw error;
      }
    }
  }

  async #send(ask: Ask): Promise<Response> {
    const { authorizer } = this.#options;
    const sent = await authorizer.header(ask.scope);
    const response = await this.#sendOnce(ask, sent);
    const challenge = response.headers.get("www-authenticate");
    if (response.status !== 401 || challenge === null) return response;
    if (!authorizer.learn(challenge, { scope: ask.scope, sent })) return response;
    await response.body?.cancel();
    return await this.#sendOnce(ask, await authorizer.header(ask.scope));
  }

  async #sendOnce(ask: Ask, authorization: string | undefined): Promise<Response> {
    const { http, timeoutMs, observe } = this.#options;
    const { method = "GET", headers, signal } = ask;
    const url = new URL(ask.path, this.#base);
    try {
      const response = await http.send(url, {
        method,
        headers: authorization === undefined ? { ...headers } : { ...headers, authorization },
        timeoutMs,
        signal,
      });
      observe?.({ status: response.status, ...readRateLimit(response.headers) });
      return response;
    } catch (error) {
      observe?.({ status: 0 });
      throw error;
    }
  }

  async #failure(kind: Kind, response: Response): Promise<ClientError> {
    await response.body?.cancel();
    const { status } = response;
    const { host } = this.#options.upstream;
    const message = `Cannot get what was asked for from "${host}": status ${status}`;
    const { clock } = this.#options;
    const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), clock.now());
    if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
      const pauseMs = Math.min(retryAfterMs ?? PAUSE_MS.default, PAUSE_MS.max);
      this.#pausedUntilMs.set(kind, clock.now() + pauseMs);
      return new ClientError("too_many_requests", message, { status, retryAfterMs: pauseMs });
    }
    if (status === 401) return new ClientError("unauthorized", message, { status });
    if (status === 403) return new ClientError("denied", message, { status });
    if (status === 404) return new ClientError("not_found", message, { status });
    return new ClientError(status >= 500 ? "unavailable" : "invalid_answer", message, { status });
  }

  #refuseWhilePaused(kind: Kind): void {
    const retryAfterMs = (this.#pausedUntilMs.get(kind) ?? 0) - this.#options.clock.now();
    if (retryAfterMs <= 0) return;
    const message = `Cannot ask "${this.#options.upstream.host}" now: it wants fewer requests`;
    throw new ClientError("too_many_requests", message, { retryAfterMs });
  }

  #invalid(problem: string, cause?: unknown): ClientError {
    const { host } = this.#options.upstream;
    return new ClientError("invalid_answer", `Cannot use the answer of "${host}": ${problem}`, {
      cause,
    });
  }
}

function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

function isPassing(error: unknown): boolean {
  if (!isClientError(error, "unavailable")) return false;
  return error.status === undefined || PASSING_FAILURES.includes(error.status);
}

function readLength(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** Source: RFC 9110, section 10.2.3. */
function readRetryAfter(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  const atMs = /^\d{1,9}$/.test(text.trim()) ? nowMs + Number(text) * 1000 : Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** Docker Hub's form: `100;w=21600`. */
function readRateLimit(headers: Headers): Pick<AnswerNotes, "rateLimit"> {
  const limit = parseInt(headers.get("ratelimit-limit") ?? "", 10);
  const remaining = parseInt(headers.get("ratelimit-remaining") ?? "", 10);
  return Number.isNaN(limit) || Number.isNaN(remaining) ? {} : { rateLimit: { limit, remaining } };
}

/** Leaves the first bytes of a stream out: not every registry knows ranges. */
function skip(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  bytes: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = bytes;
  return stream.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        const skipped = Math.min(left, chunk.byteLength);
        left -= skipped;
        if (skipped < chunk.byteLength) controller.enqueue(chunk.subarray(skipped));
      },
    }),
  );
}
