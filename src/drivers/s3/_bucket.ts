import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { S3Config } from "../../config/sections/storage_s3.ts";
import { byteStream, chunksSource } from "../byte_stream.ts";
import { beginsAt } from "../content_range.ts";
import { objectSettings } from "./_object_settings.ts";
import { isMissing, isNoUpload } from "./failures.ts";
import { retryBroken } from "./_retry.ts";
import type { ByteSpan } from "./_sizes.ts";

/** Most keys that one request may remove. Source: Amazon S3, "DeleteObjects". */
const REMOVE_KEYS = 1000;

/** An object, as a listing or a look at it tells. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** In milliseconds since the epoch, whole seconds. */
  readonly modifiedAtMs: number;
  /** Names this content of the object. */
  readonly etag?: string | undefined;
  /** What was said of it when it was put; a listing does not tell. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** An object that is being read. */
export interface OpenObject {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Bytes that the stream is to give. */
  readonly sizeBytes: number;
  readonly etag?: string | undefined;
}

/** Which part of an object is read. */
export interface ReadRange {
  readonly offset: number;
  /** At most so many bytes; 1 or more. */
  readonly length: number;
  /** Fail where the object has another content by now. */
  readonly etag?: string | undefined;
}

/** A part of an upload that is stored. */
export interface StoredPart {
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
}

/** Which objects to list. */
export interface ListOptions {
  readonly prefix: string;
  /** Leave out this key and all before it. @default none */
  readonly startAfter?: string;
  /** Whether what follows the next slash is folded into one entry. @default false */
  readonly folders?: boolean;
  /** @default as many as the store gives */
  readonly maxKeys?: number;
  /** Where the page before has ended. */
  readonly token?: string | undefined;
}

/** One page of a listing, in the order of the keys' bytes. */
export interface ListedPage {
  readonly objects: readonly StoredObject[];
  /** With `folders`: prefixes that end in a slash. */
  readonly folders: readonly string[];
  /** Where the next page starts; `undefined`: this is the last one. */
  readonly token: string | undefined;
}

/** An upload in parts that nobody has completed. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  /** In milliseconds since the epoch. */
  readonly startedAtMs: number;
}

/** An object to copy from; with `etag` only while it has that content. */
export interface CopySource {
  readonly key: string;
  readonly etag?: string | undefined;
}

/** What a part is copied from. */
export interface PartSource {
  readonly source: CopySource;
  readonly span: ByteSpan;
  /** Whether the span is all of the object; only then may it be small. @default false */
  readonly isWhole?: boolean;
}

/** The upload that a part is for. */
export interface PartPlace {
  readonly key: string;
  readonly uploadId: string;
  /** From 1. */
  readonly number: number;
}

/** The requests that a driver makes of one bucket, with what the configuration adds to each. */
export class Bucket {
  readonly #client: S3Client;
  readonly #name: string;
  readonly #settings: ReturnType<typeof objectSettings>;

  constructor(client: S3Client, config: S3Config) {
    this.#client = client;
    this.#name = config.bucket;
    this.#settings = objectSettings(config);
  }

  /** Opens an object. An answer that is not of the length that it says is the reader's to find. */
  async get(key: string, range?: ReadRange): Promise<OpenObject> {
    const command = new GetObjectCommand({
      ...this.#at(key),
      ...range === undefined ? {} : { Range: rangeHeader(range), IfMatch: range.etag },
    });
    const { Body, ContentLength, ContentRange, ETag } = await retryBroken(() =>
      this.#client.send(command)
    );
    if (Body === undefined) throw new Error("Cannot read: the store answered without a body");
    const sizeBytes = ContentLength ?? 0;
    const stream = Body instanceof ReadableStream
      ? Body as ReadableStream<Uint8Array<ArrayBuffer>>
      : byteStream(chunksSource(Body as unknown as AsyncIterable<Uint8Array>), sizeBytes);
    if (range !== undefined && !beginsAt(range.offset, ContentRange)) {
      await stream.cancel().catch(() => {});
      throw new Error("Cannot read: the store answered with another part than was asked for");
    }
    return { stream, sizeBytes, etag: ETag };
  }

  async put(
    key: string,
    content: Uint8Array,
    metadata?: Readonly<Record<string, string>>,
  ): Promise<string | undefined> {
    const command = new PutObjectCommand({
      ...this.#at(key),
      ...this.#settings.create,
      Body: content,
      ContentLength: content.byteLength,
      Metadata: metadata,
    });
    return (await retryBroken(() => this.#client.send(command))).ETag;
  }

  /** Looks at an object; `undefined`: there is none. */
  async head(key: string): Promise<StoredObject | undefined> {
    const command = new HeadObjectCommand(this.#at(key));
    try {
      const answer = await retryBroken(() => this.#client.send(command));
      const { ContentLength, LastModified, ETag, Metadata } = answer;
      const object = { key, sizeBytes: ContentLength, modified: LastModified, etag: ETag };
      return { ...stored(object), metadata: Metadata };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async list({ prefix, startAfter, folders, maxKeys, token }: ListOptions): Promise<ListedPage> {
    const command = new ListObjectsV2Command({
      Bucket: this.#name,
      Prefix: prefix,
      StartAfter: token === undefined ? startAfter : undefined,
      Delimiter: folders ? "/" : undefined,
      MaxKeys: maxKeys,
      ContinuationToken: token,
    });
    const page = await retryBroken(() => this.#client.send(command));
    return {
      objects: (page.Contents ?? []).map(({ Key = "", Size, LastModified, ETag }) =>
        stored({ key: Key, sizeBytes: Size, modified: LastModified, etag: ETag })
      ),
      folders: (page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix),
      token: page.IsTruncated ? page.NextContinuationToken : undefined,
    };
  }

  /** All pages of a listing, from its beginning; nothing is asked for ahead. */
  async *pages(options: Omit<ListOptions, "token">): AsyncGenerator<ListedPage, void, void> {
    for (let token: string | undefined = undefined;;) {
      const page: ListedPage = await this.list({ ...options, token });
      yield page;
      if (page.token === undefined) return;
      token = page.token;
    }
  }

  /** Removes objects; those that are not there are as good as removed. */
  async remove(keys: readonly string[]): Promise<void> {
    const [key] = keys;
    if (key !== undefined && keys.length === 1) {
      const command = new DeleteObjectCommand(this.#at(key));
      await retryBroken(() => this.#client.send(command));
      return;
    }
    for (let start = 0; start < keys.length; start += REMOVE_KEYS) {
      await this.#removeBatch(keys.slice(start, start + REMOVE_KEYS));
    }
  }

  /** Copies an object of 5 GiB at most in one request, without its metadata; gives its new name. */
  async copy(source: CopySource, destination: string): Promise<string | undefined> {
    const command = new CopyObjectCommand({
      ...this.#at(destination),
      ...this.#settings.create,
      ...this.#from(source),
      MetadataDirective: "REPLACE",
    });
    const { CopyObjectResult } = await retryBroken(() => this.#client.send(command));
    return CopyObjectResult?.ETag;
  }

  async createUpload(key: string): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      ...this.#at(key),
      ...this.#settings.create,
    });
    const { UploadId } = await retryBroken(() => this.#client.send(command));
    if (UploadId === undefined) throw new Error("Cannot upload: the store gave no upload id");
    return UploadId;
  }

  async putPart({ key, uploadId, number }: PartPlace, content: Uint8Array): Promise<StoredPart> {
    const command = new UploadPartCommand({
      ...this.#at(key),
      UploadId: uploadId,
      PartNumber: number,
      Body: content,
      ContentLength: content.byteLength,
    });
    const { ETag: etag = "" } = await retryBroken(() => this.#client.send(command));
    return { number, sizeBytes: content.byteLength, etag };
  }

  async copyPart(
    { key, uploadId, number }: PartPlace,
    { source, span, isWhole = false }: PartSource,
  ): Promise<StoredPart> {
    const command = new UploadPartCopyCommand({
      ...this.#at(key),
      ...this.#from(source),
      UploadId: uploadId,
      PartNumber: number,
      CopySourceRange: isWhole ? undefined : `bytes=${span.first}-${span.last}`,
    });
    const { CopyPartResult } = await retryBroken(() => this.#client.send(command));
    return { number, sizeBytes: span.last - span.first + 1, etag: CopyPartResult?.ETag ?? "" };
  }

  /** The parts that an upload has, by their numbers, without those behind a gap. */
  async parts(key: string, uploadId: string): Promise<StoredPart[]> {
    const parts: StoredPart[] = [];
    for (let marker: string | undefined = undefined;;) {
      const command: ListPartsCommand = new ListPartsCommand({
        ...this.#at(key),
        UploadId: uploadId,
        PartNumberMarker: marker,
      });
      const page = await retryBroken(() => this.#client.send(command));
      for (const { PartNumber: number = 0, Size = 0, ETag: etag = "" } of page.Parts ?? []) {
        if (number !== parts.length + 1) return parts;
        parts.push({ number, sizeBytes: Size, etag });
      }
      if (!page.IsTruncated || page.NextPartNumberMarker === undefined) return parts;
      marker = page.NextPartNumberMarker;
    }
  }

  async completeUpload(
    key: string,
    { uploadId, parts }: { readonly uploadId: string; readonly parts: readonly StoredPart[] },
  ): Promise<string | undefined> {
    const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
    const command = new CompleteMultipartUploadCommand({
      ...this.#at(key),
      UploadId: uploadId,
      MultipartUpload: { Parts },
    });
    return (await this.#client.send(command)).ETag;
  }

  /** Gives an upload in parts up; one that has ended is as good as given up. */
  async abortUpload(key: string, uploadId: string): Promise<void> {
    const command = new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId });
    try {
      await retryBroken(() => this.#client.send(command));
    } catch (error) {
      if (!isNoUpload(error)) throw error;
    }
  }

  /** The uploads in parts below a prefix that nobody has completed. */
  async *openUploads(prefix: string): AsyncGenerator<OpenUpload, void, void> {
    let markers = {};
    for (;;) {
      const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
        Bucket: this.#name,
        Prefix: prefix,
        ...markers,
      });
      const page = await retryBroken(() => this.#client.send(command));
      for (const { Key: key = "", UploadId: uploadId = "", Initiated } of page.Uploads ?? []) {
        yield { key, uploadId, startedAtMs: Initiated?.getTime() ?? Infinity };
      }
      if (!page.IsTruncated) return;
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  async #removeBatch(keys: readonly string[]): Promise<void> {
    const command = new DeleteObjectsCommand({
      Bucket: this.#name,
      Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
    });
    const { Errors = [] } = await retryBroken(() => this.#client.send(command));
    const [first] = Errors.filter(({ Code }) => Code !== "NoSuchKey");
    if (first === undefined) return;
    const { Code, Key, Message } = first;
    throw new Error(`Cannot remove "${Key}" and ${Errors.length - 1} more: ${Code}: ${Message}`);
  }

  #at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#name, Key: key };
  }

  #from({ key, etag }: CopySource): {
    readonly CopySource: string;
    readonly CopySourceIfMatch: string | undefined;
  } {
    const path = key.split("/").map(encodeURIComponent).join("/");
    return { CopySource: `${this.#name}/${path}`, CopySourceIfMatch: etag };
  }
}

function rangeHeader({ offset, length }: ReadRange): string {
  return `bytes=${offset}-${Number.isFinite(length) ? offset + length - 1 : ""}`;
}

function stored({ key, sizeBytes, modified, etag }: {
  readonly key: string;
  readonly sizeBytes: number | undefined;
  readonly modified: Date | undefined;
  readonly etag: string | undefined;
}): StoredObject {
  // A listing may tell parts of a second, a look at the object never does.
  const modifiedAtMs = Math.floor((modified?.getTime() ?? 0) / 1000) * 1000;
  return { key, sizeBytes: sizeBytes ?? 0, modifiedAtMs, etag };
}
