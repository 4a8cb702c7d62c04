import type { Report } from "../_report.ts";
import { anything, integer, mapOf, optionalSection, type Output, text } from "../fields.ts";
import { present } from "./_present.ts";
import { HTTP_URL } from "./_rules.ts";

/** What uploads to Google come in multiples of. Source: Cloud Storage, "Resumable uploads". */
const CHUNK_BYTES = 256 * 1024;

/** Least number of operations that Distribution works with; fewer are raised to it. */
const MIN_CONCURRENCY = 25;

/** The fields of `storage.gcs`. */
export const gcsSection = optionalSection({
  bucket: text({ about: "Name of the bucket.", required: true }),
  keyfile: text({ about: "JSON file of a service account's key." }),
  credentials: mapOf(anything({ about: "A member of the key." }), {
    about: "A service account's key, member by member. Without it and `keyfile`: the application " +
      "default credentials.",
    secret: true,
  }),
  rootdirectory: text({ about: "Prefix of every name.", defaultText: "none" }),
  chunksize: integer({
    about: "Size of an upload's parts, a multiple of 262144.",
    unit: "bytes",
    default: 16 * 1024 * 1024,
    min: CHUNK_BYTES,
  }),
  maxconcurrency: integer({
    about: `Operations at a time; fewer than ${MIN_CONCURRENCY} are raised to it.`,
    unit: "operations",
    default: 50,
    settle: (value) => Math.max(value, MIN_CONCURRENCY),
  }),
  useragent: text({ about: "Name of the agent." }),
  endpoint: text({
    about:
      "URL of the service, such as a private one. Without `https` and a key nobody signs in: " +
      "for emulators.",
    defaultText: "`https://storage.googleapis.com`",
    rule: HTTP_URL,
    own: true,
  }),
}, { about: "Keeps data in Google Cloud Storage." });

/** `storage.gcs`. */
export interface GcsConfig {
  /** Name of the driver. */
  readonly name: "gcs";
  /** Name of the bucket. */
  readonly bucket: string;
  /** JSON file of a service account's key. */
  readonly keyFile?: string;
  /** A service account's key; with neither: application default credentials. */
  readonly credentials?: Readonly<Record<string, unknown>>;
  /** Prefix of every name; may be empty. */
  readonly rootDirectory: string;
  /** A multiple of 256 KiB, 256 KiB or more. */
  readonly chunkSizeBytes: number;
  /** Operations at a time, 25 or more. */
  readonly maxConcurrency: number;
  /** Name of the agent. */
  readonly userAgent?: string;
  /** URL of the service. */
  readonly endpoint?: string;
}

/** Makes the section's final form. */
export function resolveGcs(
  raw: NonNullable<Output<typeof gcsSection>>,
  report: Report,
): GcsConfig {
  if (raw.chunksize % CHUNK_BYTES !== 0) {
    report.problem(["storage", "gcs", "chunksize"], {
      expected: `a multiple of ${CHUNK_BYTES}`,
      message: `Give a multiple of ${CHUNK_BYTES}, not ${raw.chunksize}`,
    });
  }
  const hasCredentials = Object.keys(raw.credentials).length > 0;
  return present({
    name: "gcs" as const,
    bucket: raw.bucket,
    keyFile: raw.keyfile,
    credentials: hasCredentials ? raw.credentials : undefined,
    rootDirectory: raw.rootdirectory ?? "",
    chunkSizeBytes: raw.chunksize,
    maxConcurrency: raw.maxconcurrency,
    userAgent: raw.useragent,
    endpoint: raw.endpoint,
  });
}
