/**
 * Manifests: the documents that say what an image or an index is made of.
 *
 * Only what a registry needs is read. Everything else stays where it is: in the bytes, which are
 * stored and served as they came.
 *
 * Of a name that an object has twice the last one counts, as in most readers; that there was
 * another cannot be seen. Names that differ in case alone are refused, since readers disagree.
 *
 * Source: OCI image specification, "Image Manifest" and "Image Index"; Docker image manifest
 * version 2, schema 2; reference of Distribution, "PUT manifest".
 *
 * @module
 */

import { toText } from "../base/bytes.ts";
import {
  type BadDigest,
  type Descriptor,
  DescriptorError,
  parseDescriptor,
  SHOWN_LENGTH,
} from "./descriptor.ts";
import {
  findMisspelt,
  isDeeperThan,
  isJsonObject,
  isStringMap,
  type JsonObject,
  spellings,
} from "./json_shape.ts";
import {
  isDockerManifest,
  isPushableType,
  type ManifestKind,
  manifestKind,
  type ManifestMediaType,
  OCI_INDEX,
  OCI_MANIFEST,
  parseMediaType,
  SCHEMA1_LAYER,
  SCHEMA1_MANIFEST,
  SCHEMA1_SIGNED_MANIFEST,
} from "./media_types.ts";

/** What a registry needs to know of a manifest. */
export interface Manifest {
  readonly mediaType: ManifestMediaType;
  readonly kind: ManifestKind;
  /** What an image is configured by; an image that was pushed has one. */
  readonly config?: Descriptor;
  /** The layers of an image; of a schema 1 manifest, as often as it names them. */
  readonly layers: readonly Descriptor[];
  /** The children of an index, of any media type: build caches list layers there. */
  readonly manifests: readonly Descriptor[];
  /** The manifest that this one says something about. */
  readonly subject?: Descriptor;
  /** What it says of itself or, in an image that does not, the media type of its config. */
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Why a document is refused as a manifest. */
export type ManifestErrorCode =
  | "unsupported_media_type"
  | "malformed"
  | "mixed_fields"
  | "media_type_mismatch"
  | "schema_version"
  | "bad_descriptors";

/** Says why a document is no manifest. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
  readonly code: ManifestErrorCode;
  /** With the code `bad_descriptors`: the first {@linkcode MAX_BAD_DIGESTS} of them. */
  readonly badDigests: readonly BadDigest[];

  constructor(code: ManifestErrorCode, message: string, options: ManifestErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.badDigests = options.badDigests ?? [];
  }
}

/** Data that goes with a {@linkcode ManifestError}. */
export interface ManifestErrorOptions {
  readonly badDigests?: readonly BadDigest[];
  readonly cause?: unknown;
}

/** So many digests that are none are listed at most. */
export const MAX_BAD_DIGESTS = 100;

/**
 * Objects and lists may be within each other so often. Real documents need six levels; programs
 * that read a document by recursion, as clients may, must not be brought down by one stored here.
 */
export const MAX_DEPTH = 256;

const SPELLINGS = spellings([
  "schemaVersion",
  "mediaType",
  "config",
  "layers",
  "manifests",
  "subject",
  "artifactType",
  "annotations",
]);

/** The fields that make a document the other kind. */
const FOREIGN_FIELDS: Readonly<Record<ManifestKind, readonly string[]>> = {
  image: ["manifests"],
  index: ["config", "layers"],
  schema1: [],
};

/**
 * Reads a manifest that is being pushed.
 *
 * @param contentType what the client says it is; parameters do not matter
 * @throws {ManifestError}
 */
export function parseManifest(bytes: Uint8Array, contentType: string): Manifest {
  const mediaType = parseMediaType(contentType);
  if (mediaType === undefined || !isPushableType(mediaType)) {
    // Distribution's wording.
    const found = contentType.slice(0, SHOWN_LENGTH);
    const message = `unsupported manifest media type and no default available: ${found}`;
    throw new ManifestError("unsupported_media_type", message);
  }
  const document = parseDocument(decodeStrictly(bytes));
  if (isDeeperThan(document, MAX_DEPTH)) {
    throw malformed(`it is nested more than ${MAX_DEPTH} levels deep`);
  }
  checkSpelling(document);
  checkMediaType(document, mediaType);
  checkKind(document, mediaType);
  checkSchemaVersion(document);
  const faults = new CollectedFaults();
  const manifest = assemble(document, mediaType, faults);
  faults.finish();
  return manifest;
}

/**
 * Reads a manifest that is stored.
 *
 * What was once taken is given back: refused is only content of which it cannot be said what it is.
 * Descriptors without a valid digest are left out, since nothing can be stored for them.
 *
 * @throws {ManifestError} malformed, unsupported_media_type, mixed_fields
 */
export function readManifest(bytes: Uint8Array): Manifest {
  const document = parseDocument(toText(bytes));
  const mediaType = storedMediaType(document);
  if (manifestKind(mediaType) === "schema1") return assembleSchema1(document, mediaType);
  return assemble(document, mediaType, NO_FAULTS);
}

function decodeStrictly(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw malformed("it is not UTF-8", cause);
  }
}

function parseDocument(text: string): JsonObject {
  let document: unknown;
  try {
    // V8 parses without recursion, however deep; should it ever answer with a RangeError, fine.
    document = JSON.parse(text);
  } catch (cause) {
    throw malformed("it is not JSON", cause);
  }
  if (!isJsonObject(document)) throw malformed("it is not a JSON object");
  return document;
}

function checkSpelling(document: JsonObject): void {
  const misspelt = findMisspelt(document, SPELLINGS);
  if (misspelt === undefined) return;
  throw malformed(`${shown(misspelt.found)} must be written "${misspelt.meant}"`);
}

/** A document that names its type names the one that was announced; Docker's must name it. */
function checkMediaType(document: JsonObject, announced: ManifestMediaType): void {
  const named = present(document, "mediaType") ?? "";
  if (named === announced) return;
  if (named === "" && !isDockerManifest(announced)) return;
  throw new ManifestError(
    "media_type_mismatch",
    `Cannot read manifest: its mediaType is ${shown(named)}, its Content-Type "${announced}"`,
  );
}

/**
 * A document must not be an image to one reader and an index to another.
 *
 * Source: CVE-2021-41190.
 */
function checkKind(document: JsonObject, mediaType: ManifestMediaType): void {
  const kind = manifestKind(mediaType);
  const foreign = FOREIGN_FIELDS[kind].find((name) => present(document, name) !== undefined);
  if (foreign !== undefined) {
    const message = `Cannot read manifest: an ${kind} must not have "${foreign}"`;
    throw new ManifestError("mixed_fields", message);
  }
  const named = present(document, "mediaType") ?? "";
  if (kind === "index" && named === "" && present(document, "manifests") === undefined) {
    // Once stored it would be taken for an image.
    throw malformed(`an index without "mediaType" must have "manifests"`);
  }
}

function checkSchemaVersion(document: JsonObject): void {
  const version = present(document, "schemaVersion") ?? 0;
  if (version === 2) return;
  // Distribution's wording.
  const message = `unrecognized manifest schema version ${shown(version)}`;
  throw new ManifestError("schema_version", message);
}

/** What a stored document says it is or, where it does not, looks like. */
function storedMediaType(document: JsonObject): ManifestMediaType {
  if (document.schemaVersion === 1) {
    const signed = present(document, "signatures") !== undefined;
    return signed ? SCHEMA1_SIGNED_MANIFEST : SCHEMA1_MANIFEST;
  }
  const named = present(document, "mediaType") ?? "";
  if (typeof named === "string" && isPushableType(named)) return named;
  if (named !== "") {
    const message = `Cannot read manifest: its mediaType is ${shown(named)}`;
    throw new ManifestError("unsupported_media_type", message);
  }
  const looksLike = present(document, "manifests") === undefined ? OCI_MANIFEST : OCI_INDEX;
  checkKind(document, looksLike);
  return looksLike;
}

function assemble(document: JsonObject, mediaType: ManifestMediaType, faults: Faults): Manifest {
  const kind = manifestKind(mediaType);
  const config = kind === "image" ? readOne(document, "config", faults) : undefined;
  const layers = kind === "image" ? readAll(document, "layers", faults) : [];
  const manifests = kind === "index" ? readAll(document, "manifests", faults) : [];
  const hasSubject = present(document, "subject") !== undefined;
  const subject = hasSubject ? readOne(document, "subject", faults) : undefined;
  const annotations = readAnnotations(document, faults);
  const artifactType = readArtifactType(document, faults) || config?.mediaType || undefined;
  return {
    mediaType,
    kind,
    layers,
    manifests,
    ...(config === undefined ? {} : { config }),
    ...(subject === undefined ? {} : { subject }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** Source: Docker image manifest version 2, schema 1, "fsLayers". */
function assembleSchema1(document: JsonObject, mediaType: ManifestMediaType): Manifest {
  const { fsLayers } = document;
  const named: readonly unknown[] = Array.isArray(fsLayers) ? fsLayers : [];
  const layers = named.filter(isJsonObject).map(({ blobSum }) => {
    return { mediaType: SCHEMA1_LAYER, digest: blobSum };
  });
  return {
    mediaType,
    kind: "schema1",
    layers: readAll({ layers }, "layers", NO_FAULTS),
    manifests: [],
  };
}

/** Takes what is wrong with the parts of a document. */
interface Faults {
  add(field: string, fault: DescriptorError): void;
}

/** For stored content: a part that cannot be read is as if it was not there. */
const NO_FAULTS: Faults = { add() {} };

/** For pushed content: wrong shapes are refused at once, bad digests all together. */
class CollectedFaults implements Faults {
  readonly #badDigests: BadDigest[] = [];

  add(field: string, fault: DescriptorError): void {
    if (fault.bad === undefined) throw malformed(`${field}: ${fault.message}`);
    this.#badDigests.push(fault.bad);
    if (this.#badDigests.length === MAX_BAD_DIGESTS) this.finish();
  }

  /** @throws {ManifestError} bad_descriptors */
  finish(): void {
    const badDigests = this.#badDigests;
    if (badDigests.length === 0) return;
    const list = badDigests.map(({ digest }) => shown(digest)).join(", ");
    const message = `Cannot read manifest: it names content by invalid digests: ${list}`;
    throw new ManifestError("bad_descriptors", message, { badDigests });
  }
}

function readOne(document: JsonObject, name: string, faults: Faults): Descriptor | undefined {
  return readDescriptor(document[name], name, faults);
}

function readAll(document: JsonObject, name: string, faults: Faults): readonly Descriptor[] {
  const list = present(document, name) ?? [];
  if (!Array.isArray(list)) {
    faults.add(name, new DescriptorError("expected a list"));
    return [];
  }
  return list
    .map((value, index) => readDescriptor(value, `${name}[${index}]`, faults))
    .filter((descriptor) => descriptor !== undefined);
}

function readDescriptor(value: unknown, field: string, faults: Faults): Descriptor | undefined {
  try {
    return parseDescriptor(value);
  } catch (error) {
    if (!(error instanceof DescriptorError)) throw error;
    faults.add(field, error);
    return undefined;
  }
}

function readArtifactType(document: JsonObject, faults: Faults): string | undefined {
  const value = present(document, "artifactType") ?? "";
  if (typeof value === "string") return value;
  faults.add("artifactType", new DescriptorError("expected a text"));
  return undefined;
}

function readAnnotations(
  document: JsonObject,
  faults: Faults,
): Readonly<Record<string, string>> | undefined {
  const value = present(document, "annotations");
  if (value === undefined || isStringMap(value)) return value;
  faults.add("annotations", new DescriptorError("expected an object of texts"));
  return undefined;
}

/** The value of a field; `null` is none, as for programs in Go. */
function present(document: JsonObject, name: string): unknown {
  return document[name] ?? undefined;
}

/** A value of the document as it goes into a message. */
function shown(value: unknown): string {
  const text = typeof value === "object" ? "a list or an object" : JSON.stringify(value);
  return text.slice(0, SHOWN_LENGTH);
}

function malformed(problem: string, cause?: unknown): ManifestError {
  return new ManifestError("malformed", `Cannot read manifest: ${problem}`, { cause });
}
