import type { Digest } from "../oci/digest.ts";
import { parseForwarded } from "./forwarded.ts";

/** What the addresses in answers depend on for all requests. */
export interface UrlSettings {
  /**
   * Scheme, host and path of the registry as clients see it, such as `https://example.com/registry`.
   * It overrides everything else; one without scheme or host is ignored, as in Distribution.
   */
  readonly host?: string;
  /** Leave scheme and host to the client. */
  readonly relativeUrls: boolean;
  /** The path that everything is under, such as `/registry/`; empty or `/` for none. */
  readonly prefix: string;
}

/** What is known of the request that is answered. */
export interface RequestFacts {
  readonly headers: Pick<Headers, "get">;
  /** How the request came in, before any proxy is considered. */
  readonly scheme: "http" | "https";
  /** The host that the request names, with its port. */
  readonly host: string;
}

/** Makes the addresses that answers and events name. */
export interface UrlBuilder {
  /** The address of the API itself. */
  base(): string;
  manifest(repository: string, reference: string): string;
  blob(repository: string, digest: Digest): string;
  /** Where an upload goes on; `query` is added to its address, sorted by name. */
  upload(repository: string, id: string, query?: Readonly<Record<string, string>>): string;
}

/** The characters of a host, with or without a port. */
const HOST_REGEXP = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?$/;
/** Hosts that a URL can surely name, such as `a.example:5000` and `127.0.0.1`: most of them. */
const PLAIN_HOST_REGEXP =
  /^(?:(?!xn--)[a-z0-9-]+\.)*(?:(?!xn--)[a-z][a-z0-9-]*|(?<=^(?:1?\d?\d\.){3})1?\d?\d)(?::(?:\d{1,4}|[1-5]\d{4}))?$/;
const ROOT_REGEXP = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]+[^?#]*/;

/**
 * Prepares the addresses of one answer; nothing is computed before one is asked for.
 *
 * The root is, in this order: the configured host, nothing for relative URLs, what a proxy says,
 * the request itself. A proxy's word on scheme or host that cannot be part of a URL is ignored.
 *
 * Source: reference of Distribution, "URL building". Other than there, relative URLs keep the
 * prefix, and a configured host need not end in a slash to keep its path.
 */
export function createUrlBuilder(settings: UrlSettings, request: RequestFacts): UrlBuilder {
  let root: string | undefined;
  const at = (path: string) => (root ??= findRoot(settings, request)) + encodeURI(path);
  return {
    base: () => at("/v2/"),
    manifest: (repository, reference) => at(`/v2/${repository}/manifests/${reference}`),
    blob: (repository, digest) => at(`/v2/${repository}/blobs/${digest}`),
    upload: (repository, id, query = {}) => {
      const parameters = new URLSearchParams({ ...query });
      parameters.sort();
      const tail = parameters.size === 0 ? "" : `?${parameters}`;
      return at(`/v2/${repository}/blobs/uploads/${id}`) + tail;
    },
  };
}

/** Everything before `/v2/`. */
function findRoot({ host, relativeUrls, prefix }: UrlSettings, request: RequestFacts): string {
  const configured = ROOT_REGEXP.exec(host ?? "")?.[0];
  if (configured !== undefined) return configured.replace(/\/+$/, "");
  const path = prefix.replace(/^\/*/, "/").replace(/\/+$/, "");
  return relativeUrls ? path : findOrigin(request) + path;
}

/**
 * Scheme and host, if there is a host. With `Forwarded`, even one that makes no sense, the other
 * headers are ignored.
 */
function findOrigin({ headers, scheme, host }: RequestFacts): string {
  const forwarded = headers.get("forwarded");
  const said = forwarded ? parseForwarded(forwarded) : {
    get: (name: "proto" | "host") => first(headers, name),
  };
  const proto = said?.get("proto")?.toLowerCase() ?? "";
  const name = [said?.get("host") ?? "", host].find(isHost);
  // The client knows best where it has sent a host that no URL may name.
  return name === undefined ? "" : `${/^https?$/.test(proto) ? proto : scheme}://${name}`;
}

/** Tells whether a URL may name `text` as its host; `a.0` or a port of 70000 it may not. */
function isHost(text: string): boolean {
  if (PLAIN_HOST_REGEXP.test(text)) return true;
  return HOST_REGEXP.test(text) && URL.canParse(`http://${text}`);
}

/** The word of the proxy next to the client; every further one may have added its own. */
function first(headers: RequestFacts["headers"], name: string): string {
  const [value = ""] = headers.get(`x-forwarded-${name}`)?.split(",", 1) ?? [];
  return value.trim();
}
