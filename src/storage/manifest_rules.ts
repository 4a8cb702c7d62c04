import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import {
  DOCKER_IMAGE_CONFIG,
  DOCKER_PLUGIN_CONFIG,
  isDockerForeignLayer,
  isDockerManifest,
  isNonDistributableLayer,
  OCI_IMAGE_CONFIG,
} from "../oci/media_types.ts";
import type { ManifestProblem } from "./errors.ts";

/** A platform that the children of an index are for. */
export interface Platform {
  readonly architecture: string;
  readonly os: string;
}

/** What is asked of a manifest before it is stored. */
export interface ManifestRules {
  /** Which URLs layers may name; `undefined`: not looked at. */
  readonly urls: UrlRules | undefined;
  /** Which children of an index must be there. */
  readonly children: "all" | "none" | readonly Platform[];
  /** Whether the config and the layers of an image must be there. */
  readonly blobs: boolean;
  /** Which classes of images are allowed; empty: all. */
  readonly classes: readonly string[];
}

/** Which URLs are allowed; with neither list none is, as in Distribution. */
export interface UrlRules {
  readonly allow: readonly RegExp[];
  readonly deny: readonly RegExp[];
}

/** Tells whether the repository holds content, as a blob or as a manifest. */
export type ContentLookup = (digest: Digest) => Promise<boolean>;

/** So many reasons are given at most: an answer must not outgrow the manifest, nor take for ever. */
export const MAX_PROBLEMS = 1000;

/** How much content is looked up at once: on a remote storage each look takes a while. */
const LOOKUPS = 16;

/**
 * Finds every reason why a manifest may not be stored, up to {@linkcode MAX_PROBLEMS}.
 *
 * Source: reference of Distribution, "PUT manifest", "Verification details".
 */
export async function checkManifest(
  manifest: Manifest,
  options: { readonly rules: ManifestRules; readonly holds: ContentLookup },
): Promise<readonly ManifestProblem[]> {
  const { rules, holds } = options;
  const refused = checkClass(manifest, rules.classes);
  if (refused !== undefined) return [refused];
  const problems = manifest.layers.flatMap((layer) => checkUrls(layer, manifest, rules.urls));
  const required = [
    ...rules.blobs ? requiredBlobs(manifest) : [],
    ...requiredChildren(manifest, rules.children),
  ];
  const digests = [...new Set(required)];
  while (digests.length > 0 && problems.length < MAX_PROBLEMS) {
    const count = Math.min(LOOKUPS, MAX_PROBLEMS - problems.length);
    problems.push(...await unknown(digests.splice(0, count), holds));
  }
  return problems.slice(0, MAX_PROBLEMS);
}

async function unknown(
  digests: readonly Digest[],
  holds: ContentLookup,
): Promise<ManifestProblem[]> {
  const held = await Promise.all(digests.map(holds));
  return digests.filter((_, index) => !held[index])
    .map((digest) => ({ code: "content_unknown", digest }));
}

/** What an image is for, by the type of its config. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  [DOCKER_IMAGE_CONFIG, "image"],
  [DOCKER_PLUGIN_CONFIG, "plugin"],
  [OCI_IMAGE_CONFIG, "image"],
]);

/** Source: reference of Distribution, "Resource classes". */
function checkClass(
  { kind, config }: Manifest,
  allowed: readonly string[],
): ManifestProblem | undefined {
  if (allowed.length === 0 || kind !== "image") return undefined;
  const type = config?.mediaType ?? "";
  const found = CLASSES.get(type);
  if (found === undefined) {
    return { code: "class_refused", reason: `unknown manifest class for ${type}` };
  }
  if (allowed.includes(found)) return undefined;
  return { code: "class_refused", reason: `registry does not allow ${found} manifest` };
}

function requiredBlobs(manifest: Manifest): Digest[] {
  const { config, layers } = manifest;
  const stored = layers.filter((layer) => mustBeStored(layer, manifest));
  return [...config === undefined ? [] : [config], ...stored].map(({ digest }) => digest);
}

/** The children of an index that must be there. */
export function requiredChildren(manifest: Manifest, rule: ManifestRules["children"]): Digest[] {
  if (rule === "none") return [];
  const children = rule === "all"
    ? manifest.manifests
    : manifest.manifests.filter((child) => rule.some((platform) => matches(child, platform)));
  return children.map((child) => child.digest);
}

/** A child that names no platform is not one of those listed. */
function matches({ platform }: Descriptor, wanted: Platform): boolean {
  return platform?.architecture === wanted.architecture && platform.os === wanted.os;
}

/** Layers that are fetched from elsewhere need not be here. */
function mustBeStored(layer: Descriptor, manifest: Manifest): boolean {
  if (isDockerManifest(manifest.mediaType)) return !isDockerForeignLayer(layer.mediaType);
  return !(isNonDistributableLayer(layer.mediaType) && hasUrls(layer));
}

function checkUrls(
  layer: Descriptor,
  manifest: Manifest,
  rules: UrlRules | undefined,
): ManifestProblem[] {
  if (rules === undefined) return [];
  const { digest } = layer;
  if (isDockerManifest(manifest.mediaType)) {
    if (!isDockerForeignLayer(layer.mediaType)) return [];
    if (!hasUrls(layer)) {
      return [{ code: "url_refused", digest, reason: "a foreign layer must name a URL" }];
    }
  }
  for (const url of layer.urls ?? []) {
    const reason = refuseUrl(url, rules);
    if (reason !== undefined) return [{ code: "url_refused", digest, reason }];
  }
  return [];
}

function refuseUrl(url: string, rules: UrlRules): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null) return `"${url}" is not a URL`;
  if (!["http:", "https:"].includes(parsed.protocol)) return `"${url}" is neither http nor https`;
  if (url.includes("#")) return `"${url}" has a fragment`;
  const { allow, deny } = rules;
  const allowed = allow.length === 0 ? deny.length > 0 : allow.some((rule) => rule.test(url));
  if (!allowed || deny.some((rule) => rule.test(url))) return `"${url}" is not an allowed URL`;
  return undefined;
}

function hasUrls(layer: Descriptor): boolean {
  return layer.urls !== undefined && layer.urls.length > 0;
}
