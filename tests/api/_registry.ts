import { getLogger } from "@logtape/logtape";
import { type ApiHandler, type ApiOptions, createApi } from "../../src/api/api.ts";
import type { ApiSettings } from "../../src/api/api_settings.ts";
import { toBytes } from "../../src/base/bytes.ts";
import type { StorageDriver } from "../../src/drivers/driver.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import {
  createRegistryStore,
  type RegistryStoreOptions,
} from "../../src/storage/registry_store.ts";
import type { RegistryStore } from "../../src/storage/store.ts";

/** Media types that tests push. */
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
export const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

/** What a test may set otherwise. */
export interface TestRegistryOptions {
  readonly settings?: Partial<ApiSettings>;
  readonly store?: Partial<RegistryStoreOptions>;
  readonly driver?: StorageDriver;
  /** What the handler is given besides. */
  readonly api?: Partial<ApiOptions>;
}

/** What a request may have besides method and path. */
export interface Send {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  /** The URL as a server hands it on, where `Request` would make another one of it. */
  readonly rawUrl?: string;
}

/** A registry without a socket, and the requests that tests repeat. */
export class TestRegistry {
  readonly driver: StorageDriver;
  readonly store: RegistryStore;
  readonly #handle: ApiHandler;

  constructor(options: TestRegistryOptions = {}) {
    this.driver = options.driver ?? guardDriver(new InMemoryDriver());
    this.store = createRegistryStore(this.driver, { ...STORE_OPTIONS, ...options.store });
    const settings = { ...API_SETTINGS, ...options.settings };
    const { log } = STORE_OPTIONS;
    this.#handle = createApi({ store: this.store, settings, log, ...options.api });
  }

  /** Sends a request; `path` is all behind the host. */
  send(
    method: string,
    path: string,
    { headers = {}, body, rawUrl }: Send = {},
  ): Promise<Response> {
    const request = new Request(path.startsWith("http") ? path : `http://registry.test${path}`, {
      method,
      headers: body instanceof Uint8Array && !("content-length" in headers)
        ? { ...headers, "content-length": String(body.byteLength) }
        : headers,
      ...body === undefined ? {} : { body },
    });
    if (rawUrl !== undefined) Object.defineProperty(request, "url", { value: rawUrl });
    return this.#handle(request, { address: "127.0.0.1", port: 40000 });
  }

  /** Pushes a blob with a POST and a PUT. */
  async pushBlob(name: string, content: string | Uint8Array<ArrayBuffer>): Promise<Digest> {
    const body = typeof content === "string" ? toBytes(content) : content;
    const digest = digestBytes(body);
    const location = await this.startUpload(name);
    const response = await this.send("PUT", withQuery(location, { digest }), { body });
    if (response.status !== 201) throw new Error(`Cannot push blob: ${await response.text()}`);
    return digest;
  }

  /** Begins an upload and gives its location. */
  async startUpload(name: string): Promise<string> {
    const response = await this.send("POST", `/v2/${name}/blobs/uploads/`);
    if (response.status !== 202) throw new Error(`Cannot start upload: ${await response.text()}`);
    return response.headers.get("location") ?? "";
  }

  /** Pushes an image of one layer, with its blobs. */
  async pushImage(name: string, options: ImageOptions = {}): Promise<PushedImage> {
    const { layer = "a layer", reference, fields = {} } = options;
    const config = await this.pushBlob(name, "{}");
    const layerDigest = await this.pushBlob(name, layer);
    const bytes = toBytes(JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, digest: config, size: 2 },
      layers: [{ mediaType: OCI_LAYER, digest: layerDigest, size: layer.length }],
      ...fields,
    }));
    const digest = digestBytes(bytes);
    const response = await this.putManifest(name, reference ?? digest, bytes);
    if (response.status !== 201) throw new Error(`Cannot push image: ${await response.text()}`);
    return { bytes, digest, config, layer: layerDigest };
  }

  /** Pushes a manifest. */
  putManifest(
    name: string,
    reference: string,
    body: Uint8Array<ArrayBuffer>,
    contentType = OCI_MANIFEST,
  ): Promise<Response> {
    const headers = { "content-type": contentType };
    return this.send("PUT", `/v2/${name}/manifests/${reference}`, { headers, body });
  }
}

/** Options of {@linkcode TestRegistry.pushImage}. */
export interface ImageOptions {
  readonly layer?: string;
  /** @default the digest */
  readonly reference?: string;
  /** Further fields of the manifest. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What {@linkcode TestRegistry.pushImage} pushed. */
export interface PushedImage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: Digest;
  readonly config: Digest;
  readonly layer: Digest;
}

/** Adds parameters to a location that may have some. */
export function withQuery(location: string, query: Readonly<Record<string, string>>): string {
  const separator = location.includes("?") ? "&" : "?";
  return `${location}${separator}${new URLSearchParams({ ...query })}`;
}

/** The codes of an error document. */
export async function errorCodes(response: Response): Promise<string[]> {
  const { errors } = await response.json() as { errors: { code: string }[] };
  return errors.map(({ code }) => code);
}

/** What the API goes by where a test asks for nothing else. */
export const API_SETTINGS: ApiSettings = {
  prefix: "/",
  relativeUrls: false,
  readOnly: false,
  redirect: true,
  maxCatalogEntries: 1000,
  maxTags: 1000,
  headers: {},
};

const STORE_OPTIONS: RegistryStoreOptions = {
  log: getLogger(["stowage"]),
  deleteEnabled: true,
  manifestRules: { urls: { allow: [], deny: [] }, children: "all", blobs: true, classes: [] },
  tagLookupConcurrency: 4,
};
