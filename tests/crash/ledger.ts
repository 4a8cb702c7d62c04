/**
 * What was pushed and what of it the registry has acknowledged, so that it can be held to its word.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { blobsOf, type Content, digestOf, type Image, manifestsOf } from "../support/images.ts";
import {
  listTags,
  pullBlob,
  pullManifest,
  pushManifest,
  type Repository,
  request,
  startUpload,
  UnexpectedStatusError,
} from "../support/registry_client.ts";

/** Called before each request and each piece of content, so that a test can strike anywhere. */
export type OnStep = () => void;

/** Something that was sent, and whether the registry said that it has it. */
interface Entry {
  readonly repository: string;
  readonly content: Content;
  isAcknowledged: boolean;
}

/** An upload that has begun: where it goes on, and what it is to become. */
interface OpenUpload {
  readonly repository: string;
  readonly content: Content;
  /** Path and query of the last Location. */
  location: string;
}

/** What a tag may point at. */
interface TagEntry {
  /** The last digest whose push was acknowledged. */
  acknowledged: string | undefined;
  /** What was sent after that. */
  readonly attempted: Set<string>;
}

/** Size of the pieces of a chunked upload, in bytes. */
const CHUNK_BYTES = 256 * 1024;

/** Pushes images and keeps book of them. */
export class Ledger {
  readonly #blobs = new Map<string, Entry>();
  readonly #manifests = new Map<string, Entry>();
  readonly #tags = new Map<string, Map<string, TagEntry>>();
  #uploads: OpenUpload[] = [];

  /** How many blobs and manifests have been acknowledged. */
  get acknowledgedCount(): number {
    return [...this.#blobs.values(), ...this.#manifests.values()]
      .filter(({ isAcknowledged }) => isAcknowledged).length;
  }

  /**
   * Pushes an image: its blobs in pieces, its manifests, then its tag.
   *
   * @throws {TypeError} where the connection breaks
   */
  async push(
    repository: Repository,
    { image, tag, onStep }: {
      readonly image: Image;
      readonly tag: string;
      readonly onStep: OnStep;
    },
  ): Promise<void> {
    for (const blob of blobsOf(image)) await this.#pushBlob(repository, blob, onStep);
    for (const manifest of manifestsOf(image)) {
      const entry = entryOf(this.#manifests, repository.name, manifest);
      onStep();
      await pushManifest(repository, { manifest });
      entry.isAcknowledged = true;
    }
    const tagEntry = this.#tagEntry(repository.name, tag);
    tagEntry.attempted.add(image.manifest.digest);
    onStep();
    await pushManifest(repository, { manifest: image.manifest, tag });
    tagEntry.acknowledged = image.manifest.digest;
    tagEntry.attempted.clear();
  }

  /**
   * Finishes the uploads that were cut off. The registry may have forgotten one, but may not finish
   * it with other bytes.
   */
  async resumeUploads(url: string): Promise<number> {
    let resumed = 0;
    for (const { repository, content, location } of this.#uploads) {
      const status = await request(`${url}${location}`, { expect: [204, 404] });
      if (status.status === 404) {
        await status.body?.cancel();
        continue;
      }
      const range = status.headers.get("Range") ?? "";
      const last = /^0-(\d+)$/.exec(range)?.[1];
      const held = last === undefined || last === "0" ? 0 : Number(last) + 1;
      assertEquals(held <= content.bytes.length, true, `${held} bytes held of "${location}"`);
      const next = new URL(status.headers.get("Location") ?? location, url);
      next.searchParams.set("digest", content.digest);
      const put = await request(`${url}${next.pathname}${next.search}`, {
        method: "PUT",
        body: content.bytes.subarray(held),
        expect: [201],
      });
      await put.body?.cancel();
      entryOf(this.#blobs, repository, content).isAcknowledged = true;
      resumed++;
    }
    this.#uploads = [];
    return resumed;
  }

  /** Pulls everything and compares: what was acknowledged is there, what is there is whole. */
  async verify(url: string): Promise<void> {
    for (const entry of this.#blobs.values()) {
      await verifyEntry(entry, (repository) => pullBlob(repository, entry.content.digest), url);
    }
    for (const entry of this.#manifests.values()) {
      const pulled = async (repository: Repository) =>
        (await pullManifest(repository, entry.content.digest)).bytes;
      await verifyEntry(entry, pulled, url);
    }
    for (const [name, tags] of this.#tags) await verifyTags({ url, name }, tags);
  }

  /** Forgets what has been verified, so that a long run does not verify it again each time. */
  forgetVerified(): void {
    this.#blobs.clear();
    this.#manifests.clear();
  }

  async #pushBlob(repository: Repository, content: Content, onStep: OnStep): Promise<void> {
    const entry = entryOf(this.#blobs, repository.name, content);
    onStep();
    const start = await startUpload(repository);
    const upload: OpenUpload = {
      repository: repository.name,
      content,
      location: start.pathname + start.search,
    };
    this.#uploads.push(upload);
    for (let offset = 0; offset < content.bytes.length; offset += CHUNK_BYTES) {
      onStep();
      await sendChunk(repository.url, { upload, offset });
    }
    onStep();
    const put = new URL(upload.location, repository.url);
    put.searchParams.set("digest", content.digest);
    const response = await request(put.href, { method: "PUT", expect: [201] });
    await response.body?.cancel();
    entry.isAcknowledged = true;
    this.#uploads = this.#uploads.filter((open) => open !== upload);
  }

  #tagEntry(repository: string, tag: string): TagEntry {
    const tags = this.#tags.get(repository) ?? new Map<string, TagEntry>();
    this.#tags.set(repository, tags);
    const entry = tags.get(tag) ?? { acknowledged: undefined, attempted: new Set() };
    tags.set(tag, entry);
    return entry;
  }
}

async function sendChunk(
  url: string,
  { upload, offset }: { readonly upload: OpenUpload; readonly offset: number },
): Promise<void> {
  const chunk = upload.content.bytes.subarray(offset, offset + CHUNK_BYTES);
  const response = await request(`${url}${upload.location}`, {
    method: "PATCH",
    body: chunk,
    headers: {
      "Content-Type": "application/octet-stream",
      "Content-Range": `${offset}-${offset + chunk.length - 1}`,
    },
    expect: [202],
  });
  await response.body?.cancel();
  const next = new URL(response.headers.get("Location") ?? "", response.url);
  upload.location = next.pathname + next.search;
}

function entryOf(entries: Map<string, Entry>, repository: string, content: Content): Entry {
  const key = `${repository}@${content.digest}`;
  const entry = entries.get(key) ?? { repository, content, isAcknowledged: false };
  entries.set(key, entry);
  return entry;
}

/** Pulls one thing: it may be missing only where it was not acknowledged, and never differ. */
async function verifyEntry(
  { repository, content, isAcknowledged }: Entry,
  pull: (repository: Repository) => Promise<Uint8Array>,
  url: string,
): Promise<void> {
  try {
    const bytes = await pull({ url, name: repository });
    assertEquals(digestOf(bytes), content.digest);
  } catch (error) {
    if (isAcknowledged || !isMissing(error)) throw error;
  }
}

/** Checks that each tag points at what was last acknowledged, or at what was sent after that. */
async function verifyTags(
  repository: Repository,
  tags: ReadonlyMap<string, TagEntry>,
): Promise<void> {
  for (const [tag, { acknowledged, attempted }] of tags) {
    try {
      const { digest, bytes } = await pullManifest(repository, tag);
      assertEquals(digestOf(bytes), digest);
      const allowed = [...attempted, acknowledged];
      assertEquals(allowed.includes(digest), true, `"${tag}" points at ${digest}`);
    } catch (error) {
      if (acknowledged !== undefined || !isMissing(error)) throw error;
    }
  }
  const listed = await listTags(repository).catch((error: unknown): readonly string[] => {
    if (isMissing(error)) return [];
    throw error;
  });
  const strangers = listed.filter((tag) => !tags.has(tag));
  assertEquals(strangers, []);
  for (const [tag, { acknowledged }] of tags) {
    assertEquals(acknowledged === undefined || listed.includes(tag), true, `"${tag}" is listed`);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof UnexpectedStatusError && error.status === 404;
}
