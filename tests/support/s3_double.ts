/**
 * A server that speaks as much S3 as a driver needs, keeps objects in memory, and fails as it is told.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { type WireConnection, type WireRequest, WireServer } from "./http_wire.ts";
import { bucketXml, errorXml, objectsXml, partsXml, tag, uploadsXml } from "./s3_double_xml.ts";

/** What may happen to a request. */
export type Fault =
  /** An error document with this status and code, and nothing is done. */
  | { readonly kind: "error"; readonly status: number; readonly code: string }
  /** The connection breaks before anything is done. */
  | { readonly kind: "reset" }
  /** All is done, and the connection breaks before the answer. */
  | { readonly kind: "lost" }
  /** The connection breaks in the middle of the answer. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** The answer stops in the middle, and the connection stays. */
  | { readonly kind: "silence"; readonly afterBytes: number }
  /** The range is passed over: all of the object is sent. */
  | { readonly kind: "whole" };

/** A request, as tests look at it. */
export interface SeenRequest {
  /** The operation by its name, such as `GetObject`. */
  readonly operation: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface StoredObject {
  readonly metadata?: Record<string, string>;
  readonly content: Buffer;
  readonly etag: string;
  readonly modifiedAtMs: number;
}

interface OpenUpload {
  readonly key: string;
  readonly parts: Map<number, StoredObject>;
  startedAtMs: number;
}

/** An answer that is ready to be sent. */
interface Answer {
  readonly status: number;
  readonly body?: Buffer | string;
  readonly headers?: Record<string, string>;
}

/** What a request asks for. */
interface Call extends SeenRequest {
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly ignoresRange: boolean;
}

/** The server; it ends with the block that holds it. */
export class S3Double implements AsyncDisposable {
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, OpenUpload>();
  /** Every request so far. */
  readonly requests: SeenRequest[] = [];
  /** How many entries a page of any listing has. */
  pageSize = 1000;
  readonly #faults: { matches: (request: SeenRequest) => boolean; fault: Fault; times: number }[] =
    [];
  readonly #server = new WireServer((request, connection) => this.#serve(request, connection));
  #nextId = 1;

  /** Starts a server with one empty bucket. */
  static start(): Promise<S3Double> {
    return Promise.resolve(new S3Double());
  }

  /** Where it answers. */
  get url(): string {
    return this.#server.url;
  }

  /** Makes the next `times` requests of an operation fail. */
  fail(operation: string, fault: Fault, times = 1): void {
    this.#faults.push({ matches: (request) => request.operation === operation, fault, times });
  }

  /** How often an operation was asked for. */
  count(operation: string): number {
    return this.requests.filter((request) => request.operation === operation).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #serve(request: WireRequest, connection: WireConnection): Promise<void> {
    const { headers, body } = request;
    const url = new URL(request.target, this.url);
    const key = decodeURIComponent(url.pathname).split("/").slice(2).join("/");
    const query = url.searchParams;
    const operation = operationOf(request, { key, query });
    const seen = { operation, key, headers };
    this.requests.push(seen);
    const fault = this.#takeFault(seen);
    if (fault?.kind === "reset") return connection.destroy();
    const answer = fault?.kind === "error"
      ? failure(fault.status, fault.code)
      : this.#answer({ ...seen, query, body, ignoresRange: fault?.kind === "whole" });
    if (fault?.kind === "lost") return connection.destroy();
    await send(request, { connection, answer, fault });
  }

  #takeFault(request: SeenRequest): Fault | undefined {
    const found = this.#faults.find(({ matches, times }) => times > 0 && matches(request));
    if (found !== undefined) found.times--;
    return found?.fault;
  }

  #answer(call: Call): Answer {
    const handler = this.#handlers[call.operation];
    return handler === undefined ? failure(501, "NotImplemented") : handler(call);
  }

  readonly #handlers: Readonly<Record<string, (call: Call) => Answer>> = {
    GetObject: (call) => this.#read(call),
    HeadObject: (call) => this.#read(call),
    PutObject: ({ key, body, headers }) => {
      const metadata = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-"));
      const object = {
        ...store(body),
        metadata: Object.fromEntries(metadata.map(([name, value]) => [name, String(value)])),
      };
      this.objects.set(key, object);
      return { status: 200, headers: { etag: object.etag } };
    },
    CopyObject: ({ key, headers }) => {
      const source = this.#source(headers);
      if ("status" in source) return source;
      const copy = store(source.content);
      this.objects.set(key, copy);
      return xml(tag("CopyObjectResult", tag("ETag", copy.etag)));
    },
    DeleteObject: ({ key }) => {
      this.objects.delete(key);
      return { status: 204 };
    },
    DeleteObjects: ({ body }) => {
      for (const [, key = ""] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) {
        this.objects.delete(key);
      }
      return xml("<DeleteResult/>");
    },
    ListObjectsV2: ({ query }) => this.#list(query),
    CreateMultipartUpload: ({ key }) => {
      const uploadId = `upload-${this.#nextId++}`;
      this.uploads.set(uploadId, { key, parts: new Map(), startedAtMs: Date.now() });
      return xml(tag("InitiateMultipartUploadResult", tag("UploadId", uploadId)));
    },
    UploadPart: (call) => this.#putPart(call, call.body),
    UploadPartCopy: (call) => {
      const source = this.#source(call.headers);
      if ("status" in source) return source;
      const [, first = 0, last = Infinity] = /bytes=(\d+)-(\d+)/.exec(
        String(call.headers["x-amz-copy-source-range"]),
      ) ?? [];
      return this.#putPart(call, source.content.subarray(Number(first), Number(last) + 1));
    },
    ListParts: ({ query }) => {
      const upload = this.uploads.get(query.get("uploadId") ?? "");
      if (upload === undefined) return failure(404, "NoSuchUpload");
      const marker = Number(query.get("part-number-marker") ?? 0);
      const all = [...upload.parts].sort(([a], [b]) => a - b).filter(([number]) => number > marker);
      const page = all.slice(0, this.pageSize).map(([number, { etag, content }]) => ({
        number,
        etag,
        sizeBytes: content.byteLength,
      }));
      return xml(partsXml(page, all.length > page.length));
    },
    CompleteMultipartUpload: (call) => this.#complete(call),
    AbortMultipartUpload: ({ query }) => {
      const known = this.uploads.delete(query.get("uploadId") ?? "");
      return known ? { status: 204 } : failure(404, "NoSuchUpload");
    },
    ListMultipartUploads: ({ query }) => {
      const marker = `${query.get("key-marker") ?? ""} ${query.get("upload-id-marker") ?? ""}`;
      const all = [...this.uploads].map(([uploadId, upload]) => ({ uploadId, ...upload }))
        .filter(({ key }) => key.startsWith(query.get("prefix") ?? ""))
        .sort((a, b) => `${a.key} ${a.uploadId}` < `${b.key} ${b.uploadId}` ? -1 : 1)
        .filter(({ key, uploadId }) => marker === " " || `${key} ${uploadId}` > marker);
      const page = all.slice(0, this.pageSize);
      return xml(uploadsXml(page, all.length > page.length));
    },
  };

  #read({ key, headers, operation, ignoresRange }: Call): Answer {
    const object = this.objects.get(key);
    if (object === undefined) return failure(404, operation === "HeadObject" ? "" : "NoSuchKey");
    const { content, etag, modifiedAtMs } = object;
    const ifMatch = headers["if-match"];
    if (ifMatch !== undefined && ifMatch !== etag) return failure(412, "PreconditionFailed");
    const range = ignoresRange ? "" : String(headers["range"] ?? "");
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
    if (first !== undefined && Number(first) >= content.byteLength) {
      return failure(416, "InvalidRange");
    }
    const body = first === undefined
      ? content
      : content.subarray(Number(first), last === "" ? undefined : Number(last) + 1);
    return {
      status: first === undefined ? 200 : 206,
      body,
      headers: {
        ...object.metadata,
        etag,
        "last-modified": new Date(modifiedAtMs).toUTCString(),
        "content-length": String(body.byteLength),
        ...first === undefined ? {} : {
          "content-range": `bytes ${first}-${
            Number(first) + body.byteLength - 1
          }/${content.byteLength}`,
        },
      },
    };
  }

  #source(headers: SeenRequest["headers"]): StoredObject | Answer {
    const path = decodeURIComponent(String(headers["x-amz-copy-source"]));
    const object = this.objects.get(path.slice(path.indexOf("/") + 1));
    if (object === undefined) return failure(404, "NoSuchKey");
    const ifMatch = headers["x-amz-copy-source-if-match"];
    return ifMatch === undefined || ifMatch === object.etag
      ? object
      : failure(412, "PreconditionFailed");
  }

  #putPart({ query, operation }: Call, content: Buffer): Answer {
    const upload = this.uploads.get(query.get("uploadId") ?? "");
    if (upload === undefined) return failure(404, "NoSuchUpload");
    const part = store(content);
    upload.parts.set(Number(query.get("partNumber")), part);
    if (operation === "UploadPart") return { status: 200, headers: { etag: part.etag } };
    return xml(tag("CopyPartResult", tag("ETag", part.etag)));
  }

  #complete({ key, query, body }: Call): Answer {
    const uploadId = query.get("uploadId") ?? "";
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) return failure(404, "NoSuchUpload");
    const named = [...body.toString().matchAll(/<Part>.*?<\/Part>/gs)].map(([text]) => ({
      number: Number(/<PartNumber>(\d+)</.exec(text)?.[1]),
      etag: /<ETag>([^<]*)</.exec(text)?.[1]?.replaceAll("&quot;", '"'),
    }));
    const parts = named.map(({ number }) => upload.parts.get(number));
    if (named.length === 0) return failure(400, "MalformedXML");
    if (parts.some((part, index) => part?.etag !== named[index]?.etag)) {
      return failure(400, "InvalidPart");
    }
    const contents = parts.map((part) => part?.content ?? Buffer.alloc(0));
    const isSmall = contents.slice(0, -1).some(({ byteLength }) => byteLength < 5 * 1024 * 1024);
    if (isSmall) return failure(400, "EntityTooSmall");
    const object = store(Buffer.concat(contents));
    this.objects.set(key, object);
    this.uploads.delete(uploadId);
    return xml(tag("CompleteMultipartUploadResult", tag("ETag", object.etag)));
  }

  #list(query: URLSearchParams): Answer {
    const prefix = query.get("prefix") ?? "";
    const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
    const limit = Math.min(this.pageSize, Number(query.get("max-keys") ?? this.pageSize));
    const entries = new Map<string, StoredObject | undefined>();
    for (const key of [...this.objects.keys()].sort()) {
      if (!key.startsWith(prefix)) continue;
      const slash = query.get("delimiter") === "/" ? key.indexOf("/", prefix.length) : -1;
      const entry = slash < 0 ? key : key.slice(0, slash + 1);
      if (entry > after) entries.set(entry, slash < 0 ? this.objects.get(key) : undefined);
    }
    const page = [...entries].slice(0, limit);
    const token = entries.size > page.length ? page.at(-1)?.[0] : undefined;
    return xml(objectsXml(page, token));
  }
}

function operationOf(
  { method, headers }: WireRequest,
  { key, query }: { readonly key: string; readonly query: URLSearchParams },
): string {
  const isCopy = headers["x-amz-copy-source"] !== undefined;
  if (query.has("uploadId") && key !== "") {
    if (method === "PUT") return isCopy ? "UploadPartCopy" : "UploadPart";
    if (method === "POST") return "CompleteMultipartUpload";
    return method === "DELETE" ? "AbortMultipartUpload" : "ListParts";
  }
  if (query.has("uploads")) {
    return method === "POST" ? "CreateMultipartUpload" : "ListMultipartUploads";
  }
  if (query.has("delete")) return "DeleteObjects";
  if (key === "") return "ListObjectsV2";
  if (method === "PUT") return isCopy ? "CopyObject" : "PutObject";
  return { GET: "GetObject", HEAD: "HeadObject", DELETE: "DeleteObject" }[method] ?? method;
}

async function send(
  { method }: WireRequest,
  { connection, answer, fault }: {
    readonly connection: WireConnection;
    readonly answer: Answer;
    readonly fault: Fault | undefined;
  },
): Promise<void> {
  const body = Buffer.from(answer.body ?? "");
  const headers = {
    "x-amz-request-id": "REQUEST1",
    "content-length": String(body.byteLength),
    ...answer.headers,
  };
  const isPartial = fault?.kind === "cut" || fault?.kind === "silence";
  const sentBytes = method === "HEAD" ? 0 : isPartial ? fault.afterBytes : body.byteLength;
  await connection.send({ status: answer.status, headers, body }, sentBytes);
  if (fault?.kind === "cut") connection.destroy();
}

function store(content: Buffer): StoredObject {
  const etag = `"${createHash("md5").update(content).digest("hex")}"`;
  return { content: Buffer.from(content), etag, modifiedAtMs: Date.now() };
}

function failure(status: number, code: string): Answer {
  return code === "" ? { status } : { ...xml(errorXml(code)), status };
}

function xml(body: string): Answer {
  return { status: 200, body: bucketXml(body), headers: { "content-type": "application/xml" } };
}
