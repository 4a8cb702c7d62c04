/**
 * Clients that push, mount, pull and delete on several replicas while garbage is collected, and
 * keep book of what they were promised.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { type Content, contentOf, descriptorOf, digestOf, MEDIA_TYPES } from "../support/images.ts";
import { randomBytes } from "../support/random_bytes.ts";

/** An image that the registry has acknowledged and that nobody has deleted. */
interface LiveImage {
  readonly repository: string;
  readonly tag: string;
  readonly manifest: Content;
  readonly blobs: readonly Content[];
  /** Clients that are reading it, and must not have it deleted. */
  readers: number;
}

/** A request, and how long it took until the last byte of its answer. */
export interface TimedRequest {
  readonly kind: string;
  /** As `performance.now()` counts. */
  readonly startedAtMs: number;
  readonly durationMs: number;
}

/** An answer that has come to its last byte. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** How the clients behave. */
export interface ClientsOptions {
  /** Where the replicas answer, without a slash at the end. */
  readonly urls: readonly string[];
  readonly clients: number;
  readonly durationMs: number;
  /** Longest time between being told that a blob is there and the manifest, in milliseconds. */
  readonly hesitationMs: number;
  /** Mean time that a client waits before each request, in milliseconds: the machine's air. */
  readonly pauseMs: number;
  /** Seed of what is done and in which order. */
  readonly seed: string;
}

/** Layers that images share; few, so that they are garbage and needed again all the time. */
const SHARED_LAYERS = 24;

/** Repositories that are pushed to. */
const REPOSITORIES = 6;

/** At most so many images live at once; further ones replace them. */
const MAX_LIVE = 60;

/** Clients on several replicas, and what they saw. */
export class CollectionClients {
  /** What must not happen. */
  readonly failures: string[] = [];
  /** The requests that were answered as they should be, in the order of their ends. */
  readonly requests: TimedRequest[] = [];
  readonly counts = { pushes: 0, pulls: 0, deletes: 0, mounts: 0, reused: 0, uploads: 0 };
  readonly #options: ClientsOptions;
  readonly #live = new Set<LiveImage>();
  readonly #layers: readonly Content[];
  #pushed = 0;

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#layers = Array.from({ length: SHARED_LAYERS }, (_, index) => {
      const bytes = randomBytes(`${options.seed}/layer/${index}`, 1000 + index * 3000);
      return contentOf(MEDIA_TYPES.oci.layer, bytes);
    });
  }

  /** The digests of all that must be stored. */
  get needed(): ReadonlySet<string> {
    const live = [...this.#live];
    return new Set(
      live.flatMap(({ manifest, blobs }) => [manifest, ...blobs].map(({ digest }) => digest)),
    );
  }

  /** Lets all clients work until the time is up. */
  async run(): Promise<void> {
    const endsAtMs = Date.now() + this.#options.durationMs;
    await Promise.all(Array.from({ length: this.#options.clients }, async (_, client) => {
      while (Date.now() < endsAtMs) await this.#step(client);
    }));
  }

  /** Pulls every image that must be there, from every replica. */
  async verifyAll(): Promise<void> {
    for (const image of this.#live) {
      for (const url of this.#options.urls) await this.#pull(url, image);
    }
  }

  async #step(client: number): Promise<void> {
    const url = pick(this.#options.urls);
    const chance = Math.random();
    try {
      if (chance < 0.4 || this.#live.size === 0) await this.#push(url, client);
      else if (chance < 0.85) await this.#pullSome(url);
      else await this.#deleteSome(url);
    } catch (error) {
      this.failures.push(String(error));
    }
  }

  async #push(url: string, client: number): Promise<void> {
    if (this.#live.size >= MAX_LIVE) await this.#deleteSome(url);
    const number = ++this.#pushed;
    const repository = `stress/${number % REPOSITORIES}`;
    const own = contentOf(
      MEDIA_TYPES.oci.config,
      new TextEncoder().encode(JSON.stringify({ client, number, seed: this.#options.seed })),
    );
    const layers = [pick(this.#layers), pick(this.#layers), pick(this.#layers)];
    const blobs = [own, ...new Set(layers)];
    for (const blob of blobs) await this.#provide(url, { repository, blob });
    await delay(Math.random() * this.#options.hesitationMs);
    const manifest = contentOf(
      MEDIA_TYPES.oci.manifest,
      new TextEncoder().encode(JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.oci.manifest,
        config: descriptorOf(own),
        layers: blobs.slice(1).map((layer) => descriptorOf(layer)),
      })),
    );
    const tag = `v${number}`;
    await this.#send(`${pick(this.#options.urls)}/v2/${repository}/manifests/${tag}`, {
      method: "PUT",
      headers: { "Content-Type": manifest.mediaType },
      body: manifest.bytes,
      expect: { 201: "push a manifest" },
    });
    this.#live.add({ repository, tag, manifest, blobs, readers: 0 });
    this.counts.pushes++;
  }

  /** As clients do: look, mount, and only then send. What was said to be there is not sent. */
  async #provide(
    url: string,
    { repository, blob }: { readonly repository: string; readonly blob: Content },
  ): Promise<void> {
    const head = await this.#send(`${url}/v2/${repository}/blobs/${blob.digest}`, {
      method: "HEAD",
      expect: { 200: "look for a blob", 404: "look for a blob" },
    });
    if (head.status === 200) {
      this.counts.reused++;
      return;
    }
    const from = `stress/${Math.floor(Math.random() * REPOSITORIES)}`;
    const query = `?mount=${blob.digest}&from=${from}`;
    const start = await this.#send(`${url}/v2/${repository}/blobs/uploads/${query}`, {
      method: "POST",
      expect: { 201: "mount a blob", 202: "start an upload" },
    });
    if (start.status === 201) {
      this.counts.mounts++;
      return;
    }
    const location = new URL(start.headers.get("Location") ?? "", url);
    // Another replica ends what one began.
    const put = new URL(location.pathname + location.search, pick(this.#options.urls));
    put.searchParams.set("digest", blob.digest);
    await this.#send(put.href, {
      method: "PUT",
      body: blob.bytes,
      expect: { 201: "push a blob" },
    });
    this.counts.uploads++;
  }

  async #pullSome(url: string): Promise<void> {
    const image = pick([...this.#live]);
    image.readers++;
    try {
      await this.#pull(url, image);
      this.counts.pulls++;
    } finally {
      image.readers--;
    }
  }

  async #pull(url: string, { repository, tag, manifest, blobs }: LiveImage): Promise<void> {
    const base = `${url}/v2/${repository}`;
    await this.#get(`${base}/manifests/${tag}`, { content: manifest, kind: "pull a manifest" });
    for (const content of blobs) {
      await this.#get(`${base}/blobs/${content.digest}`, { content, kind: "pull a blob" });
    }
  }

  async #get(
    url: string,
    { content, kind }: { readonly content: Content; readonly kind: string },
  ): Promise<void> {
    const headers = { Accept: content.mediaType };
    const { bytes } = await this.#send(url, { method: "GET", headers, expect: { 200: kind } });
    if (digestOf(bytes) !== content.digest) throw new Error(`GET ${url} gave other bytes`);
  }

  async #deleteSome(url: string): Promise<void> {
    const image = [...this.#live].find(({ readers }) => readers === 0);
    if (image === undefined) return;
    this.#live.delete(image);
    const path = `/v2/${image.repository}/manifests/${image.manifest.digest}`;
    await this.#send(url + path, { method: "DELETE", expect: { 202: "delete a manifest" } });
    this.counts.deletes++;
  }

  /** Sends a request and notes how long it took as one of the kind that its status says. */
  async #send(
    url: string,
    { expect, ...init }: RequestInit & {
      readonly method: string;
      readonly expect: Readonly<Record<number, string>>;
    },
  ): Promise<Answer> {
    await delay(Math.random() * 2 * this.#options.pauseMs);
    const startedAtMs = performance.now();
    const answer = await answerOf(await fetch(url, init));
    const durationMs = performance.now() - startedAtMs;
    const kind = expect[answer.status];
    if (kind === undefined) {
      const text = new TextDecoder().decode(answer.bytes).slice(0, 500);
      throw new Error(`${init.method} ${url} answered ${answer.status}: ${text}`);
    }
    this.requests.push({ kind, startedAtMs, durationMs });
    return answer;
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error("Cannot pick one of nothing");
  return item;
}
