import type { ApiSettings, CopyNames } from "../api/api_settings.ts";
import type { Config, ProxyConfig } from "../config/config.ts";
import { compileGoPattern } from "../config/go_pattern.ts";
import { UpstreamRoutes } from "../proxy/upstream.ts";
import type { ManifestRules } from "../storage/manifest_rules.ts";

/** What of the configuration the HTTP API goes by. */
export function buildApiSettings({ http, storage, catalog, tags, proxy }: Config): ApiSettings {
  return {
    prefix: http.prefix,
    relativeUrls: http.relativeUrls,
    readOnly: storage.maintenance.readOnly.enabled,
    redirect: !storage.redirect.disabled,
    maxCatalogEntries: catalog.maxEntries,
    maxTags: tags.maxTags,
    headers: joinHeaders(http.headers),
    ...proxy === undefined ? {} : { copies: copyNames(proxy) },
    ...http.host === undefined ? {} : { host: http.host },
    ...http.secret === undefined ? {} : { uploadSecret: http.secret },
  };
}

function copyNames({ upstreams }: ProxyConfig): CopyNames {
  const namespaces = upstreams.flatMap(({ namespaces, prefix }) =>
    namespaces.map((namespace) => [namespace, prefix] as const)
  );
  const routes = new UpstreamRoutes(upstreams);
  return {
    namespaces: new Map(namespaces),
    canonical: (repository) => routes.find(repository)?.local ?? repository,
  };
}

/** What the configuration asks of manifests. */
export function buildManifestRules({ validation, policy }: Config): ManifestRules {
  const { enabled, manifests: { urls, indexes, blobs } } = validation;
  const children = indexes.platforms === "list" ? indexes.platformList : indexes.platforms;
  return {
    urls: enabled ? { allow: urls.allow.map(compile), deny: urls.deny.map(compile) } : undefined,
    children: enabled ? children : "none",
    blobs: blobs === "all",
    classes: policy.repository.classes,
  };
}

/** A header of several values goes out as one line: RFC 9110, section 5.3. */
function joinHeaders(
  headers: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, string>> {
  const lines = Object.entries(headers).map(([name, values]) =>
    [name.toLowerCase(), values.join(", ")] as const
  );
  return Object.fromEntries(lines);
}

function compile(pattern: string): RegExp {
  const result = compileGoPattern(pattern);
  if ("regexp" in result) return result.regexp;
  throw new Error(`Cannot compile "${pattern}": ${result.reason}`);
}
