import { type Digest, DigestError, type DigestErrorCode, parseDigest } from "./digest.ts";
import { findMisspelt, isJsonObject, isStringList, isStringMap, spellings } from "./json_shape.ts";

/** What an image of an index runs on; an index may say more, which is not looked at. */
export interface Platform {
  readonly architecture?: string;
  readonly os?: string;
  readonly variant?: string;
}

/**
 * Names content from within other content, in the words of the JSON document.
 *
 * Source: OCI image specification, "Content Descriptors".
 */
export interface Descriptor {
  /** Empty where the document does not say. */
  readonly mediaType: string;
  readonly digest: Digest;
  /** Length of the content in bytes. */
  readonly size?: number;
  /** Where else the content can be had. */
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** The content itself, in base64; not looked at. */
  readonly data?: string;
  readonly platform?: Platform;
  readonly artifactType?: string;
}

/** A digest in a document that is none. */
export interface BadDigest {
  /** The text in its place, cut to {@linkcode SHOWN_LENGTH} characters. */
  readonly digest: string;
  readonly reason: DigestErrorCode;
}

/** What is wrong with a descriptor. */
export type DescriptorErrorCode = "malformed" | "bad_digest";

/** Says why a JSON value is no descriptor. */
export class DescriptorError extends Error {
  override readonly name = "DescriptorError";
  readonly code: DescriptorErrorCode;
  /** Set with the code `bad_digest`. */
  readonly bad: BadDigest | undefined;

  constructor(message: string, bad?: BadDigest) {
    super(message);
    this.code = bad === undefined ? "malformed" : "bad_digest";
    this.bad = bad;
  }
}

/** So much of a text from a document is repeated in an answer, in characters. */
export const SHOWN_LENGTH = 160;

/** What each field must be; the digest has rules of its own. */
const FIELDS: Readonly<Record<Exclude<keyof Descriptor, "digest">, FieldRule>> = {
  mediaType: { accepts: isText, expected: "a text" },
  size: { accepts: isSize, expected: "a whole number" },
  urls: { accepts: isStringList, expected: "a list of texts" },
  annotations: { accepts: isStringMap, expected: "an object of texts" },
  data: { accepts: isText, expected: "a text" },
  platform: { accepts: isPlatform, expected: "an object" },
  artifactType: { accepts: isText, expected: "a text" },
};

interface FieldRule {
  readonly accepts: (value: unknown) => boolean;
  readonly expected: string;
}

const FIELD_ENTRIES = Object.entries(FIELDS);
const SPELLINGS = spellings([...Object.keys(FIELDS), "digest"]);

/**
 * Reads a descriptor. As in Distribution only the digest is required, and `null` counts as absent.
 *
 * @throws {DescriptorError} malformed, bad_digest
 */
export function parseDescriptor(value: unknown): Descriptor {
  if (!isJsonObject(value)) throw new DescriptorError("expected an object");
  const misspelt = findMisspelt(value, SPELLINGS);
  if (misspelt !== undefined) {
    throw new DescriptorError(`"${misspelt.found}" must be written "${misspelt.meant}"`);
  }
  const known: Record<string, unknown> = { mediaType: "", digest: undefined };
  for (const [name, { accepts, expected }] of FIELD_ENTRIES) {
    const found = value[name];
    if (found === undefined || found === null) continue;
    if (!accepts(found)) throw new DescriptorError(`"${name}" must be ${expected}`);
    known[name] = found;
  }
  return { ...known, digest: readDigest(value.digest ?? "") } as Descriptor;
}

function readDigest(value: unknown): Digest {
  if (typeof value !== "string") throw new DescriptorError(`"digest" must be a text`);
  try {
    return parseDigest(value);
  } catch (error) {
    if (!(error instanceof DigestError)) throw error;
    const digest = value.slice(0, SHOWN_LENGTH);
    throw new DescriptorError(`"${digest}": ${error.message}`, { digest, reason: error.code });
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isPlatform(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return ["architecture", "os", "variant"].every((name) => isText(value[name] ?? ""));
}
