import type { Digest } from "../oci/digest.ts";
import { StoreError } from "../storage/errors.ts";
import type {
  BlobInfo,
  BlobPart,
  IncomingContent,
  StartOptions,
  Upload,
  UploadStore,
} from "../storage/store.ts";
import type { Copies } from "./copies.ts";

/** Uploads to the repositories that are no copies; to those that are, nobody pushes. */
export class RefusedUploads implements UploadStore {
  readonly #copies: Pick<Copies, "routes" | "own">;

  constructor(copies: Pick<Copies, "routes" | "own">) {
    this.#copies = copies;
  }

  async start(repository: string, options?: StartOptions): Promise<Upload> {
    return await this.#uploads(repository).start(repository, options);
  }

  async find(repository: string, id: string): Promise<Upload> {
    return await this.#uploads(repository).find(repository, id);
  }

  append(upload: Upload, content: IncomingContent): Promise<Upload> {
    return this.#copies.own.uploads.append(upload, content);
  }

  commit(upload: Upload, digest: Digest, content?: IncomingContent): Promise<BlobInfo> {
    return this.#copies.own.uploads.commit(upload, digest, content);
  }

  cancel(upload: Upload): Promise<void> {
    return this.#copies.own.uploads.cancel(upload);
  }

  read(upload: Upload, part: BlobPart): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#copies.own.uploads.read(upload, part);
  }

  #uploads(repository: string): UploadStore {
    const { routes, own } = this.#copies;
    if (routes.find(repository) === undefined) return own.uploads;
    throw new StoreError("pull_through_only", { repository });
  }
}
