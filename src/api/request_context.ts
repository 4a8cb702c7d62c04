import type { Logger } from "@logtape/logtape";
import type { Grant } from "../auth/controller.ts";
import type { Client } from "../base/client.ts";
import { type Digest, DigestError, parseDigest } from "../oci/digest.ts";
import type { EventRecorder } from "../notifications/event.ts";
import type { RegistryStore } from "../storage/store.ts";
import { ApiError } from "./api_error.ts";
import type { ApiSettings } from "./api_settings.ts";
import { remoteAddress } from "./remote_address.ts";
import { splitUrl } from "./request_path.ts";
import { createUrlBuilder, type RequestFacts, type UrlBuilder } from "./url_builder.ts";

/** The parts of a path that differ from request to request. */
interface PathParts {
  readonly repository: string;
  readonly variable: string;
}

/** What a {@linkcode RequestContext} is made of. */
export interface RequestContextParts {
  readonly request: Request;
  readonly client: Client;
  /** What the path names, each empty where the route has none. */
  readonly match: PathParts;
  /** The path as the client sent it. */
  readonly path: string;
  /** The query as the client sent it, without its question mark. */
  readonly search: string;
  readonly store: RegistryStore;
  readonly settings: ApiSettings;
  /** Has the log that knows the request. */
  readonly requestLog: { readonly logger: Logger; readonly requestId?: () => string };
  /** Is told what is done. @default nobody is */
  readonly events?: EventRecorder | undefined;
  /** What whoever asks is granted. @default everything, to nobody in particular */
  readonly grant?: Grant;
}

/** One request on its way through a handler. What costs something is made when it is asked for. */
export class RequestContext {
  readonly request: Request;
  readonly client: Client;
  readonly path: string;
  /** Name of the repository; empty where the route has none. */
  readonly repository: string;
  readonly store: RegistryStore;
  readonly settings: ApiSettings;
  /** Is told what is done; `undefined`: nobody wants to know. */
  readonly events: EventRecorder | undefined;
  readonly #requestLog: RequestContextParts["requestLog"];
  readonly #grant: Grant | undefined;
  readonly #match: PathParts;
  readonly #search: string;
  #query: URLSearchParams | undefined;
  #urls: UrlBuilder | undefined;

  constructor(parts: RequestContextParts) {
    this.request = parts.request;
    this.client = parts.client;
    this.path = parts.path;
    this.repository = parts.match.repository;
    this.store = parts.store;
    this.settings = parts.settings;
    this.events = parts.events;
    this.#requestLog = parts.requestLog;
    this.#grant = parts.grant;
    this.#match = parts.match;
    this.#search = parts.search;
  }

  /** The log that knows the request. */
  get log(): Logger {
    return this.#requestLog.logger;
  }

  /** Names the request, as in the log. */
  get requestId(): string {
    return this.#requestLog.requestId?.() ?? "";
  }

  /** Where the request comes from, with its port where no proxy says so. */
  get remoteAddress(): string {
    return remoteAddress(this.request.headers, this.client);
  }

  /** Who asks; empty for somebody unknown. */
  get userName(): string {
    return this.#grant?.userName ?? "";
  }

  /** Whether content of another repository may be read; without a name: of every one. */
  mayPull(repository?: string): boolean {
    const mayPull = this.#grant?.mayPull;
    if (mayPull === undefined) return true;
    return repository !== undefined && mayPull(repository);
  }

  /** Tells which repositories the catalog may show; `undefined`: every one. */
  get mayList(): ((repository: string) => boolean) | undefined {
    return this.#grant?.mayList;
  }

  /** The tag or digest, or the upload's id, that the path ends with. */
  get variable(): string {
    return this.#match.variable;
  }

  /**
   * The digest that the path ends with.
   * @throws {ApiError} DIGEST_INVALID
   */
  get digest(): Digest {
    return readDigest(this.#match.variable);
  }

  /** The parameters of the query. */
  get query(): URLSearchParams {
    return this.#query ??= new URLSearchParams(this.#search);
  }

  /** Makes the URLs that this client can use. */
  get urls(): UrlBuilder {
    return this.#urls ??= createUrlBuilder(this.settings, requestFacts(this.request));
  }
}

/** Where clients reach the registry: scheme, host and prefix, without a slash at the end. */
export function requestOrigin(settings: ApiSettings, request: Request): string {
  const urls = createUrlBuilder({ ...settings, relativeUrls: false }, requestFacts(request));
  return urls.base().slice(0, -"/v2/".length);
}

function requestFacts({ headers, url }: Request): RequestFacts {
  const { scheme, host } = splitUrl(url);
  return { headers, scheme: scheme === "https" ? "https" : "http", host };
}

/**
 * Reads a digest that a client sent.
 * @throws {ApiError} DIGEST_INVALID, with Distribution's reason
 */
export function readDigest(text: string): Digest {
  try {
    return parseDigest(text);
  } catch (cause) {
    if (!(cause instanceof DigestError)) throw cause;
    throw new ApiError({ code: "DIGEST_INVALID", detail: cause.message }, { cause });
  }
}
