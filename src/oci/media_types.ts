/**
 * Media types of what a registry stores, and what follows from them.
 *
 * Source: OCI image specification, "Media Types"; Docker image manifest version 2, schemas 1 and 2.
 *
 * @module
 */

/** An OCI image manifest. */
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** An OCI image index. */
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
/** A Docker image manifest, schema 2. */
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
/** A Docker manifest list. */
export const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
/** A Docker manifest, schema 1; served from old trees, never taken. */
export const SCHEMA1_MANIFEST = "application/vnd.docker.distribution.manifest.v1+json";
/** The same with its signatures. */
export const SCHEMA1_SIGNED_MANIFEST = "application/vnd.docker.distribution.manifest.v1+prettyjws";

/** The configuration of an OCI image. */
export const OCI_IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json";
/** The configuration of a Docker image. */
export const DOCKER_IMAGE_CONFIG = "application/vnd.docker.container.image.v1+json";
/** The configuration of a Docker plugin. */
export const DOCKER_PLUGIN_CONFIG = "application/vnd.docker.plugin.v1+json";

/** A layer of a schema 1 manifest, which does not say what its layers are. */
export const SCHEMA1_LAYER = "application/vnd.docker.container.image.rootfs.diff+x-gtar";
/** A Docker layer that clients fetch from elsewhere. */
export const DOCKER_FOREIGN_LAYER = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

/** What is said of a blob whose type is not known. */
export const OCTET_STREAM = "application/octet-stream";

/** How the document of a manifest is built. */
export type ManifestKind = "image" | "index" | "schema1";

/** A manifest that can be pushed. */
export type PushableMediaType =
  | typeof OCI_MANIFEST
  | typeof OCI_INDEX
  | typeof DOCKER_MANIFEST
  | typeof DOCKER_LIST;

/** A manifest that can be stored. */
export type ManifestMediaType =
  | PushableMediaType
  | typeof SCHEMA1_MANIFEST
  | typeof SCHEMA1_SIGNED_MANIFEST;

const MANIFEST_KINDS: Readonly<Record<ManifestMediaType, ManifestKind>> = {
  [OCI_MANIFEST]: "image",
  [OCI_INDEX]: "index",
  [DOCKER_MANIFEST]: "image",
  [DOCKER_LIST]: "index",
  [SCHEMA1_MANIFEST]: "schema1",
  [SCHEMA1_SIGNED_MANIFEST]: "schema1",
};

const OCI_NON_DISTRIBUTABLE_LAYERS: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.layer.nondistributable.v1.tar",
  "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
]);

/** `type/subtype`, both of the characters that RFC 9110 calls `tchar`. */
const MEDIA_TYPE_REGEXP = /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Tells whether a document of this type can be stored as a manifest. */
export function isManifestType(mediaType: string): mediaType is ManifestMediaType {
  return Object.hasOwn(MANIFEST_KINDS, mediaType);
}

/** Tells whether a document of this type may be pushed as a manifest. */
export function isPushableType(mediaType: string): mediaType is PushableMediaType {
  return isManifestType(mediaType) && manifestKind(mediaType) !== "schema1";
}

/** How a manifest of this type is built. */
export function manifestKind(mediaType: ManifestMediaType): ManifestKind {
  return MANIFEST_KINDS[mediaType];
}

/** Tells whether this is one of Docker's own types, whose documents must name it themselves. */
export function isDockerManifest(mediaType: string): boolean {
  return mediaType === DOCKER_MANIFEST || mediaType === DOCKER_LIST;
}

/** Tells whether this is a Docker layer that is kept elsewhere and must say where. */
export function isDockerForeignLayer(mediaType: string): boolean {
  return mediaType === DOCKER_FOREIGN_LAYER;
}

/** Tells whether this is an OCI layer that is kept elsewhere as soon as it says where. */
export function isNonDistributableLayer(mediaType: string): boolean {
  return OCI_NON_DISTRIBUTABLE_LAYERS.has(mediaType);
}

/**
 * The media type that a header names, in lower case and without its parameters.
 *
 * @returns `undefined` where `header` is no media type
 */
export function parseMediaType(header: string): string | undefined {
  const semicolon = header.indexOf(";");
  const name = (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase();
  return MEDIA_TYPE_REGEXP.test(name) ? name : undefined;
}
