import type { Report } from "../_report.ts";
import { choice, flag, integer, optionalSection, type Output, text } from "../fields.ts";
import { present } from "./_present.ts";
import { HTTP_URL, parseUrl } from "./_rules.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** What S3 takes as a part of an upload. Source: Amazon S3, "Multipart upload limits". */
const PART_RANGE = { min: 5 * MIB, max: 5 * GIB, unit: "bytes" } as const;

const STORAGE_CLASSES: readonly S3StorageClass[] = [
  "NONE",
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "OUTPOSTS",
  "GLACIER_IR",
  "EXPRESS_ONEZONE",
];

const OBJECT_ACLS: readonly S3ObjectAcl[] = [
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "aws-exec-read",
  "bucket-owner-read",
  "bucket-owner-full-control",
];

const LOG_LEVELS: readonly S3LogLevel[] = [
  "off",
  "debug",
  "debugwithsigning",
  "debugwithhttpbody",
  "debugwithrequestretries",
  "debugwithrequesterrors",
  "debugwitheventstreambody",
];

const access = {
  bucket: text({ about: "Name of the bucket.", required: true }),
  region: text({
    about: "Region of the bucket, such as `eu-central-1`; any text with `regionendpoint`.",
  }),
  accesskey: text({
    about: "Access key; used with `secretkey` only. Without both: the usual AWS credentials.",
    secret: true,
  }),
  secretkey: text({ about: "Secret of the access key.", secret: true }),
  regionendpoint: text({ about: "URL of another service that speaks S3." }),
  redirectendpoint: text({
    about: "Scheme and host for the URLs that clients are sent to.",
    rule: {
      expected: 'a URL of scheme and host alone, such as "https://cdn.example.com"',
      test: isOrigin,
    },
  }),
  forcepathstyle: flag({
    about: "Put the bucket into the path, not the host name.",
    default: false,
  }),
  secure: flag({ about: "Use HTTPS.", default: true }),
  skipverify: flag({ about: "Accept any TLS certificate.", default: false }),
  v4auth: flag({ about: "Sign with version 4; `false` needs `regionendpoint`.", default: true }),
  usedualstack: flag({ about: "Use the endpoints that have IPv6 too.", default: false }),
  accelerate: flag({ about: "Use transfer acceleration.", default: false }),
  usefipsendpoint: flag({ about: "Use the FIPS endpoints.", default: false }),
};

const objects = {
  rootdirectory: text({ about: "Prefix of every key.", defaultText: "none" }),
  encrypt: flag({ about: "Encrypt on the server: AES256, or KMS with `keyid`.", default: false }),
  keyid: text({ about: "KMS key." }),
  chunksize: integer({
    about: "Size of an upload's first 1,000 parts; it doubles after each 1,000.",
    default: 5 * MIB,
    ...PART_RANGE,
  }),
  multipartcopychunksize: integer({
    about: "Size of a copy's parts.",
    default: 32 * MIB,
    ...PART_RANGE,
  }),
  multipartcopymaxconcurrency: integer({
    about: "Parts that are copied at a time.",
    unit: "parts",
    default: 100,
    min: 1,
  }),
  multipartcopythresholdsize: integer({
    about: "Objects above this size are copied in parts.",
    unit: "bytes",
    default: 32 * MIB,
    min: 0,
    max: 5 * GIB,
  }),
  storageclass: choice(STORAGE_CLASSES, {
    about: "Storage class of new objects, in any case; `NONE` sends none.",
    default: "STANDARD",
    synonyms: Object.fromEntries(STORAGE_CLASSES.map((name) => [name.toLowerCase(), name])),
    ignoreCase: true,
  }),
  objectacl: choice(OBJECT_ACLS, { about: "Canned ACL of new objects.", default: "private" }),
  useragent: text({ about: "Text that is added to the agent's name." }),
  loglevel: choice(LOG_LEVELS, {
    about: "What the S3 client logs, in any case.",
    default: "off",
    ignoreCase: true,
    synonyms: { false: "off" },
    lenient: true,
  }),
};

/** The fields of `storage.s3`. */
export const s3Section = optionalSection({ ...access, ...objects }, {
  about: "Keeps data in Amazon S3, or a service that speaks its protocol.",
});

/** The fields of `storage.s3aws`. */
export const s3awsSection = optionalSection({ ...access, ...objects }, {
  about: "Another name of `s3`, with the same keys.",
  sameAs: "storage.s3",
});

type S3Input = NonNullable<Output<typeof s3Section>>;

/** Storage class of new objects; `NONE`: none is sent. */
export type S3StorageClass =
  | "NONE"
  | "STANDARD"
  | "REDUCED_REDUNDANCY"
  | "STANDARD_IA"
  | "ONEZONE_IA"
  | "INTELLIGENT_TIERING"
  | "OUTPOSTS"
  | "GLACIER_IR"
  | "EXPRESS_ONEZONE";

/** Canned ACL of new objects. */
export type S3ObjectAcl =
  | "private"
  | "public-read"
  | "public-read-write"
  | "authenticated-read"
  | "aws-exec-read"
  | "bucket-owner-read"
  | "bucket-owner-full-control";

/** What the S3 client logs. */
export type S3LogLevel =
  | "off"
  | "debug"
  | "debugwithsigning"
  | "debugwithhttpbody"
  | "debugwithrequestretries"
  | "debugwithrequesterrors"
  | "debugwitheventstreambody";

/** `storage.s3`. */
export interface S3Config {
  /** Name of the driver, of `s3aws` too. */
  readonly name: "s3";
  /** Name of the bucket. */
  readonly bucket: string;
  /** Absent only with {@linkcode regionEndpoint}. */
  readonly region?: string;
  /** Present together with {@linkcode secretKey}; absent: the usual AWS credentials. */
  readonly accessKey?: string;
  /** Secret of the access key. */
  readonly secretKey?: string;
  /** Another service's URL, or its host alone. */
  readonly regionEndpoint?: string;
  /** Scheme and host of the URLs that clients are sent to. */
  readonly redirectEndpoint?: string;
  /** Whether the bucket is in the path, not in the host name. */
  readonly forcePathStyle: boolean;
  /** Whether the server encrypts: AES256, or KMS with `keyId`. */
  readonly encrypt: boolean;
  /** KMS key. */
  readonly keyId?: string;
  /** Whether HTTPS is used. */
  readonly secure: boolean;
  /** Whether any TLS certificate is accepted. */
  readonly skipVerify: boolean;
  /** Whether requests are signed with version 4. */
  readonly v4Auth: boolean;
  /** 5 MiB to 5 GiB. */
  readonly chunkSizeBytes: number;
  /** 5 MiB to 5 GiB. */
  readonly multipartCopyChunkSizeBytes: number;
  /** 1 or more. */
  readonly multipartCopyMaxConcurrency: number;
  /** 0 to 5 GiB. */
  readonly multipartCopyThresholdSizeBytes: number;
  /** Prefix of every key; may be empty. */
  readonly rootDirectory: string;
  /** Storage class of new objects; `NONE`: none is sent. */
  readonly storageClass: S3StorageClass;
  /** Canned ACL of new objects. */
  readonly objectAcl: S3ObjectAcl;
  /** Text that is added to the agent's name. */
  readonly userAgent?: string;
  /** Whether the endpoints that have IPv6 too are used. */
  readonly useDualStack: boolean;
  /** Whether transfer acceleration is used. */
  readonly accelerate: boolean;
  /** Whether the FIPS endpoints are used. */
  readonly useFipsEndpoint: boolean;
  /** What the S3 client logs. */
  readonly logLevel: S3LogLevel;
}

/** Makes the section's final form. */
export function resolveS3(
  raw: S3Input,
  { key, report }: { readonly key: "s3" | "s3aws"; readonly report: Report },
): S3Config {
  checkEndpoint(raw, { path: ["storage", key], report });
  const hasKeys = checkKeys(raw, { path: ["storage", key], report });
  return present({
    name: "s3" as const,
    bucket: raw.bucket,
    region: raw.region,
    accessKey: hasKeys ? raw.accesskey : undefined,
    secretKey: hasKeys ? raw.secretkey : undefined,
    regionEndpoint: raw.regionendpoint,
    redirectEndpoint: raw.redirectendpoint,
    forcePathStyle: raw.forcepathstyle,
    encrypt: raw.encrypt,
    keyId: raw.keyid,
    secure: raw.secure,
    skipVerify: raw.skipverify,
    v4Auth: raw.v4auth,
    chunkSizeBytes: raw.chunksize,
    multipartCopyChunkSizeBytes: raw.multipartcopychunksize,
    multipartCopyMaxConcurrency: raw.multipartcopymaxconcurrency,
    multipartCopyThresholdSizeBytes: raw.multipartcopythresholdsize,
    rootDirectory: raw.rootdirectory ?? "",
    storageClass: raw.storageclass,
    objectAcl: raw.objectacl,
    userAgent: raw.useragent,
    useDualStack: raw.usedualstack,
    accelerate: raw.accelerate,
    useFipsEndpoint: raw.usefipsendpoint,
    logLevel: raw.loglevel,
  });
}

interface Place {
  readonly path: readonly string[];
  readonly report: Report;
}

function checkEndpoint({ region, regionendpoint, v4auth }: S3Input, { path, report }: Place): void {
  if (regionendpoint !== undefined) return;
  const expected = 'a region of AWS such as "eu-central-1"';
  if (region === undefined) {
    report.problem([...path, "region"], { expected, message: `Add the region: ${expected}` });
  } else if (!/^[a-z]{2,4}(?:-[a-z]+)+-\d+$/.test(region)) {
    report.problem([...path, "region"], {
      expected,
      message: `Give ${expected}, not "${region}"; with regionendpoint any text will do`,
    });
  }
  if (v4auth) return;
  report.problem([...path, "v4auth"], {
    expected: "true",
    message: "Set v4auth to true: AWS takes no other signature, only a regionendpoint may",
  });
}

/** Source: Distribution, which uses the keys only when both are there. */
function checkKeys({ accesskey, secretkey }: S3Input, { path, report }: Place): boolean {
  if ((accesskey === undefined) !== (secretkey === undefined)) {
    report.warn([...path, accesskey === undefined ? "accesskey" : "secretkey"], {
      message: "Ignoring the other key of the pair, and taking the usual AWS credentials: " +
        "accesskey and secretkey count only together",
    });
  }
  return accesskey !== undefined && secretkey !== undefined;
}

function isOrigin(value: string): boolean {
  const url = parseUrl(value);
  return HTTP_URL.test(value) && url !== undefined && url.search === "" && url.hash === "" &&
    (url.pathname === "/" || url.pathname === "");
}
