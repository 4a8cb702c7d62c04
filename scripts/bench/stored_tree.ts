/**
 * Registries made on disk, file for file as Distribution and Stowage write them: thousands of tags
 * and repositories would take too long to push.
 *
 * @module
 */
import { dirname } from "@std/path";
import { type Digest, isDigest } from "../../src/oci/digest.ts";
import {
  blobDataPath,
  blobFolderPath,
  layerLinkPath,
  manifestsPath,
  repositoryPath,
  revisionLinkPath,
  tagCurrentLinkPath,
  tagPath,
} from "../../src/storage/paths.ts";
import { type BlobMaker, blobOf } from "./blob_maker.ts";
import { type FreshImage, makeFreshImage } from "./fresh_image.ts";

/** A registry on disk with `size` repositories, one of which has `size` tags, and `size` blobs. */
export interface StoredTree {
  readonly root: string;
  readonly size: number;
  /** The repository with all the tags; in the catalog it comes first. */
  readonly repository: string;
  /** What all tags point at. */
  readonly image: FreshImage;
}

/** The repository of a {@linkcode StoredTree} that has the tags. */
export const TAGGED_REPOSITORY = "a/tagged";

/** How many repositories are in one folder. */
const TEAM_SIZE = 100;

/** A file may have so many names; ext4 allows 65,000. */
const MAX_HARD_LINKS = 60_000;

/** After so many entries whoever wants to end the work is heard. */
const TURN_ENTRIES = 2000;

/** The name of a tag; as text they sort like their numbers. */
export function tagName(index: number): string {
  return `build-${String(index).padStart(7, "0")}`;
}

/** The name of a repository other than the tagged one; they sort like their numbers. */
export function repositoryName(index: number): string {
  const team = String(Math.floor(index / TEAM_SIZE)).padStart(5, "0");
  return `team-${team}/app-${String(index).padStart(7, "0")}`;
}

/** Writes a tree below `root`. */
export async function writeStoredTree(
  root: string,
  { size, blobs, signal }: {
    readonly size: number;
    readonly blobs: BlobMaker;
    readonly signal?: AbortSignal;
  },
): Promise<StoredTree> {
  const image = makeFreshImage(blobs, { layerBytes: [1500, 1500, 1500] });
  writeImage(root, TAGGED_REPOSITORY, image);
  const link = new RepeatedFile(image.manifest.digest);
  const data = new RepeatedFile("filler\n");
  for (let index = 0; index < size; index++) {
    if (index % TURN_ENTRIES === 0) await takeTurn(signal);
    link.place(root + tagCurrentLinkPath(TAGGED_REPOSITORY, tagName(index)));
    data.place(root + blobDataPath(digestOf(blobOf(new TextEncoder().encode(`blob ${index}`)))));
    // The tagged repository is one of them.
    if (index > 0) makeRepository(root, repositoryName(index));
  }
  return { root, size, repository: TAGGED_REPOSITORY, image };
}

/** What pushes left in a registry. */
export interface Pushed {
  readonly blobs?: readonly { readonly digest: string }[];
  /** Repository of the tags and links that go too. */
  readonly repository?: string;
  readonly tags?: readonly string[];
}

/**
 * Takes pushed content off the disk behind the back of the registry, which is not asked for it again.
 *
 * It is for large content. A file system that keeps no journal does not use the number of a removed
 * file again for some minutes: after thousands of them each new file looks for a free one long.
 */
export async function removePushed(
  root: string,
  { blobs = [], repository, tags = [] }: Pushed,
): Promise<void> {
  for (const blob of blobs) {
    const digest = digestOf(blob);
    await removeTree(root + blobFolderPath(digest));
    if (repository === undefined) continue;
    await removeTree(dirname(root + layerLinkPath(repository, digest)));
    await removeTree(dirname(root + revisionLinkPath(repository, digest)));
  }
  if (repository === undefined) return;
  for (const tag of tags) await removeTree(root + tagPath(repository, tag));
}

/** Writes as much of a repository as makes it one: Distribution 2 looks for layers, 3 for manifests. */
function makeRepository(root: string, name: string): void {
  makeFolder(root + manifestsPath(name));
  makeFolder(`${root}${repositoryPath(name)}/_layers`);
}

/** Writes an image that can be pulled. */
function writeImage(root: string, repository: string, { blobs, manifest }: FreshImage): void {
  for (const blob of blobs) {
    const digest = digestOf(blob);
    writeFile(root + blobDataPath(digest), blob.parts);
    writeFile(root + layerLinkPath(repository, digest), [new TextEncoder().encode(digest)]);
  }
  const digest = digestOf(manifest);
  writeFile(root + blobDataPath(digest), [manifest.bytes]);
  writeFile(root + revisionLinkPath(repository, digest), [new TextEncoder().encode(digest)]);
}

/** A file that is in many places; hard links cost the disk a fraction of as many files. */
class RepeatedFile {
  readonly #content: string;
  #source: string | undefined;
  #places = 0;

  constructor(content: string) {
    this.#content = content;
  }

  place(location: string): void {
    makeFolder(dirname(location));
    if (this.#source === undefined || this.#places === MAX_HARD_LINKS) {
      Deno.writeTextFileSync(location, this.#content);
      this.#source = location;
      this.#places = 0;
    } else {
      Deno.linkSync(this.#source, location);
    }
    this.#places++;
  }
}

function writeFile(location: string, parts: readonly Uint8Array[]): void {
  makeFolder(dirname(location));
  using file = Deno.openSync(location, { write: true, create: true, truncate: true });
  for (const part of parts) file.writeSync(part);
}

function makeFolder(location: string): void {
  Deno.mkdirSync(location, { recursive: true });
}

async function takeTurn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}

async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function digestOf({ digest }: { readonly digest: string }): Digest {
  if (isDigest(digest)) return digest;
  throw new TypeError(`Cannot store "${digest}": it is no digest`);
}
