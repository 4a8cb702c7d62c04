import { type Bucket as LibraryBucket, Storage, type StorageOptions } from "@google-cloud/storage";
import type { GcsConfig } from "../../config/sections/storage_gcs.ts";
import { fetchAnswer } from "../fetch_answer.ts";

/** What objects are said to be. Source: Distribution. */
export const CONTENT_TYPE = "application/octet-stream";

/** What an object is said to be that only marks a file that is being written. Source: Distribution. */
export const SESSION_TYPE = "application/x-docker-upload-session";

/** What is known of an object. */
export interface StoredObject {
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly contentType: string;
  /** Names its content. */
  readonly generation: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A page of a listing. */
export interface ObjectPage {
  readonly objects: readonly StoredObject[];
  /** What names have in common up to the next slash, that slash included. */
  readonly prefixes: readonly string[];
  /** Where the next page begins; absent: there is none. */
  readonly token?: string;
}

/** Which names are listed. */
export interface ListOptions {
  readonly prefix: string;
  /** Whether names are told only up to the next slash. @default false */
  readonly folders?: boolean;
  readonly token?: string | undefined;
  /** Most objects. @default 1000 */
  readonly limit?: number;
}

/**
 * A bucket of Cloud Storage. The vendor's library signs in and signs URLs; the requests go by the
 * runtime's own `fetch`. With Deno 2.4 the library's answers break off ("Premature close") and are
 * asked for again for half a minute; its streams are slower, and print warnings.
 */
export class Bucket {
  readonly #name: string;
  readonly #storage: Storage;
  readonly #bucket: LibraryBucket;
  /** Whether nobody has to sign in. */
  readonly #isOpen: boolean;

  constructor(config: GcsConfig) {
    const { keyFile, credentials, userAgent, endpoint } = config;
    this.#name = config.bucket;
    const hasKey = keyFile !== undefined || credentials !== undefined;
    this.#isOpen = endpoint?.startsWith("http:") === true && !hasKey;
    const options: StorageOptions = {
      ...keyFile === undefined ? {} : { keyFilename: keyFile },
      ...credentials === undefined ? {} : { credentials: { ...credentials } },
      ...userAgent === undefined ? {} : { userAgent },
      ...endpoint === undefined
        ? {}
        : { apiEndpoint: endpoint, useAuthWithCustomEndpoint: !this.#isOpen },
      retryOptions: { autoRetry: true, maxRetries: 3, totalTimeout: 60 },
    };
    this.#storage = quietly(() => new Storage(options));
    this.#bucket = this.#storage.bucket(config.bucket);
  }

  /** What is known of an object; `undefined`: there is none. */
  async head(name: string): Promise<StoredObject | undefined> {
    const response = await this.#ask(encodeURIComponent(name), { expect: [200, 404] });
    if (response.status === 200) return toObject(await response.json());
    await response.body?.cancel();
    return undefined;
  }

  /** Lists objects, a page at a time, in the order of their names. */
  async list({ prefix, folders, token, limit }: ListOptions): Promise<ObjectPage> {
    const query = new URLSearchParams({ prefix });
    if (folders) query.set("delimiter", "/");
    if (token !== undefined) query.set("pageToken", token);
    if (limit !== undefined) query.set("maxResults", String(limit));
    const response = await this.#ask(`?${query}`, {});
    const { items = [], prefixes = [], nextPageToken }: Listing = await response.json();
    return {
      objects: items.map(toObject),
      prefixes,
      ...nextPageToken === undefined ? {} : { token: nextPageToken },
    };
  }

  /** Opens an object for reading, from the bytes `range`. */
  get(name: string, range?: string): Promise<Response> {
    const object = `${encodeURIComponent(name)}?alt=media`;
    return fetchAnswer({
      request: async () => {
        const headers = await this.#authorize();
        // The store would otherwise unpack what is stored packed.
        headers.set("accept-encoding", "gzip");
        if (range !== undefined) headers.set("range", range);
        return [`${this.#api("storage/v1")}/${object}`, { headers }];
      },
      expect: [200, 206],
    });
  }

  /**
   * Stores an object at once.
   * @returns its generation
   */
  async put(name: string, content: Uint8Array, options: PutOptions = {}): Promise<string> {
    const { contentType = CONTENT_TYPE, metadata = {}, generation } = options;
    const condition = generation === undefined ? "" : `&ifGenerationMatch=${generation}`;
    const boundary = crypto.randomUUID();
    const head = JSON.stringify({ name, contentType, metadata });
    const body = new Blob([
      `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${head}\r\n`,
      `--${boundary}\r\ncontent-type: ${contentType}\r\n\r\n`,
      new Uint8Array(content),
      `\r\n--${boundary}--`,
    ]);
    const response = await fetchAnswer({
      request: async () => {
        const headers = await this.#authorize();
        headers.set("content-type", `multipart/related; boundary=${boundary}`);
        const url = `${this.#api("upload/storage/v1")}?uploadType=multipart${condition}`;
        return [url, { method: "POST", headers, body }];
      },
      expect: [200],
    });
    return await generationOf(response);
  }

  /** Begins an upload that can be resumed; gives the URL that its parts are sent to. */
  async startSession(name: string): Promise<string> {
    const response = await fetchAnswer({
      request: async () => {
        const headers = await this.#authorize();
        headers.set("x-upload-content-type", CONTENT_TYPE);
        headers.set("content-type", "application/json; charset=UTF-8");
        const url = `${this.#api("upload/storage/v1")}?uploadType=resumable&name=${
          encodeURIComponent(name)
        }`;
        const body = JSON.stringify({ contentType: CONTENT_TYPE });
        return [url, { method: "POST", headers, body }];
      },
      expect: [200, 201],
    });
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (location === null) throw new Error("The store began an upload and did not say where");
    return location;
  }

  /** Copies an object, of one generation alone where one is named. */
  async copy(source: string, destination: string, generation?: string): Promise<void> {
    const bucket = encodeURIComponent(this.#name);
    const path = `${encodeURIComponent(source)}/rewriteTo/b/${bucket}/o/${
      encodeURIComponent(destination)
    }`;
    const query = new URLSearchParams();
    if (generation !== undefined) query.set("ifSourceGenerationMatch", generation);
    // What is large takes several requests.
    for (;;) {
      const response = await this.#ask(`${path}?${query}`, { method: "POST" });
      const { rewriteToken } = await response.json() as { readonly rewriteToken?: string };
      if (rewriteToken === undefined || rewriteToken === "") return;
      query.set("rewriteToken", rewriteToken);
    }
  }

  /** Removes an object; gives whether there was one. */
  async remove(name: string): Promise<boolean> {
    const response = await this.#ask(encodeURIComponent(name), {
      method: "DELETE",
      expect: [200, 204, 404],
    });
    await response.body?.cancel();
    return response.status !== 404;
  }

  /** A URL at which anybody may read an object; `undefined` without a key that could sign it. */
  async sign(name: string, expiresAtMs: number): Promise<string | undefined> {
    const { private_key: key, client_email: email } = await this.#signer();
    if (key === undefined || email === undefined) return undefined;
    const [url] = await this.#bucket.file(name).getSignedUrl({
      version: "v4",
      action: "read",
      expires: expiresAtMs,
    });
    return url;
  }

  /** Who signs; somebody without a key has none of both. */
  async #signer(): Promise<{ readonly private_key?: string; readonly client_email?: string }> {
    if (this.#isOpen) return {};
    return await this.#storage.authClient.getCredentials();
  }

  /** Asks about objects: `what` is the name of one, or a query about all. */
  #ask(
    what: string,
    { method = "GET", expect = [200] }: { method?: string; expect?: readonly number[] },
  ): Promise<Response> {
    const url = `${this.#api("storage/v1")}${what.startsWith("?") ? "" : "/"}${what}`;
    return fetchAnswer({
      request: async () => [url, { method, headers: await this.#authorize() }],
      expect,
    });
  }

  async #authorize(): Promise<Headers> {
    return this.#isOpen
      ? new Headers()
      : new Headers(await this.#storage.authClient.getRequestHeaders());
  }

  #api(service: string): string {
    return `${this.#storage.apiEndpoint}/${service}/b/${encodeURIComponent(this.#name)}/o`;
  }
}

/** A page as the store gives it. */
interface Listing {
  readonly items?: readonly ObjectResource[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

/** An object as the store tells of it. */
interface ObjectResource {
  readonly name?: string;
  readonly size?: string | number;
  readonly updated?: string;
  readonly contentType?: string;
  readonly generation?: string | number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Options of {@linkcode Bucket.put}. */
export interface PutOptions {
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The generation that is there now, `0` for none: any other makes it fail. @default any */
  readonly generation?: string | undefined;
}

/** The generation of the object that an answer tells of. */
export async function generationOf(response: Response): Promise<string> {
  const { generation } = await response.json() as { readonly generation?: string };
  return String(generation ?? "");
}

function toObject(metadata: ObjectResource): StoredObject {
  const own = Object.entries(metadata.metadata ?? {}).map(([key, value]) => [key, String(value)]);
  return {
    name: metadata.name ?? "",
    sizeBytes: Number(metadata.size ?? 0),
    modifiedAtMs: Date.parse(metadata.updated ?? "") || 0,
    contentType: metadata.contentType ?? "",
    generation: String(metadata.generation ?? ""),
    metadata: Object.fromEntries(own),
  };
}

/**
 * Makes something without a word: the library warns who builds programs of the options for keys, on
 * the terminal of an operator who has no other way to name one.
 */
function quietly<T>(make: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return make();
  } finally {
    console.warn = warn;
  }
}
