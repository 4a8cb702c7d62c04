import type { Report } from "../_report.ts";
import { choice, duration, flag, list, type Output, section, text } from "../fields.ts";
import { HTTP_URL, parseUrl } from "./_rules.ts";

const HOUR_MS = 3_600_000;

const options = section({
  baseurl: text({ about: "cloudfront, redirect: URL that clients are sent to." }),
  privatekey: text({ about: "cloudfront: PEM file of the key that signs." }),
  keypairid: text({ about: "cloudfront: id of the key pair." }),
  duration: duration({
    about: "cloudfront: how long a URL is valid.",
    default: 20 * 60_000,
    min: 0,
  }),
  updatefrequency: duration({
    about: "cloudfront: time between two looks at the list of addresses.",
    default: 12 * HOUR_MS,
    min: 0,
  }),
  updatefrenquency: text({
    about: "Misspelt name of `updatefrequency`.",
    obsolete: {
      use: "middleware.storage.*.options.updatefrequency",
      note: "the old name was misspelt",
    },
  }),
  iprangesurl: text({
    about: "cloudfront: list of the addresses of AWS.",
    default: "https://ip-ranges.amazonaws.com/ip-ranges.json",
    rule: HTTP_URL,
  }),
  ipfilteredby: choice(["none", "aws", "awsregion"], {
    about: "cloudfront: clients that are sent to S3 itself: none, those in AWS, or those in some " +
      "of its regions.",
    default: "none",
  }),
  awsregion: text({ about: "cloudfront: regions for `awsregion`, separated by commas." }),
  scheme: text({ about: "rewrite: scheme to put into URLs." }),
  host: text({ about: "rewrite: host to put into URLs." }),
  trimpathprefix: text({ about: "rewrite: what to take off the front of paths." }),
}, { about: "Settings, by the middleware's name." });

const disabled = flag({ about: "Leave this one out.", default: false });

const storageEntry = section({
  name: text({ about: "`cloudfront`, `redirect` or `rewrite`.", required: true }),
  disabled,
  options,
}, { about: "A middleware." });

const otherEntry = section({
  name: text({ about: "Name; none exists.", required: true }),
  disabled,
}, { about: "A middleware." });

/** The fields of `middleware`. */
export const middlewareSection = section({
  registry: list(otherEntry, { about: "Around the registry; there are none." }),
  repository: list(otherEntry, { about: "Around repositories; there are none." }),
  storage: list(storageEntry, {
    about: "Around the storage driver, in this order, a later one outside of an earlier one.",
  }),
}, { about: "Middleware." });

/** Sends clients to CloudFront with signed URLs. */
export interface CloudFrontConfig {
  /** The kind of middleware. */
  readonly name: "cloudfront";
  /** URL that clients are sent to. */
  readonly baseUrl: string;
  /** PEM file. */
  readonly privateKey: string;
  /** Id of the key pair. */
  readonly keyPairId: string;
  /** How long a URL is valid. */
  readonly durationMs: number;
  /** Time between two looks at the list of addresses. */
  readonly updateFrequencyMs: number;
  /** List of the addresses of AWS. */
  readonly ipRangesUrl: string;
  /** Clients that are sent to S3 itself. */
  readonly ipFilteredBy: "none" | "aws" | "awsregion";
  /** Filled with `awsregion` only. */
  readonly awsRegions: readonly string[];
}

/** Sends clients to another server with the same paths. */
export interface RedirectConfig {
  /** The kind of middleware. */
  readonly name: "redirect";
  /** With scheme and host. */
  readonly baseUrl: string;
}

/** Edits the URLs that the driver makes. */
export interface RewriteConfig {
  /** The kind of middleware. */
  readonly name: "rewrite";
  /** Empty: as it is. */
  readonly scheme: string;
  /** Empty: as it is. */
  readonly host: string;
  /** What is taken off the front of paths; may be empty. */
  readonly trimPathPrefix: string;
}

/** Parameters of a storage middleware, by its name. */
export type StorageMiddlewareConfig = CloudFrontConfig | RedirectConfig | RewriteConfig;

/** The section `middleware`; those that are disabled are not in it. */
export interface MiddlewareConfig {
  /** There are none. */
  readonly registry: readonly never[];
  /** There are none. */
  readonly repository: readonly never[];
  /** A later one is wrapped around an earlier one. */
  readonly storage: readonly StorageMiddlewareConfig[];
}

type EntryInput = Output<typeof storageEntry>;

/** Makes the section's final form. */
export function resolveMiddleware(
  raw: Output<typeof middlewareSection>,
  report: Report,
): MiddlewareConfig {
  for (const kind of ["registry", "repository"] as const) {
    for (const [index, entry] of raw[kind].entries()) {
      if (entry.disabled || entry.name === "") continue;
      report.problem(["middleware", kind, index, "name"], {
        expected: `no ${kind} middleware`,
        message: `Remove "${entry.name}": there is no ${kind} middleware, here or in Distribution`,
      });
    }
  }
  const storage: StorageMiddlewareConfig[] = [];
  for (const [index, entry] of raw.storage.entries()) {
    if (entry.disabled) continue;
    const resolved = resolveEntry(entry, { path: ["middleware", "storage", index], report });
    if (resolved !== undefined) storage.push(resolved);
  }
  return { registry: [], repository: [], storage };
}

interface Place {
  readonly path: readonly (string | number)[];
  readonly report: Report;
}

function resolveEntry(entry: EntryInput, at: Place): StorageMiddlewareConfig | undefined {
  switch (entry.name) {
    case "cloudfront":
      return resolveCloudFront(entry.options, at);
    case "redirect":
      return resolveRedirect(entry.options, at);
    case "rewrite": {
      const { scheme = "", host = "", trimpathprefix = "" } = entry.options;
      return { name: "rewrite", scheme, host, trimPathPrefix: trimpathprefix };
    }
    case "":
      return undefined;
    default:
      at.report.problem([...at.path, "name"], {
        expected: '"cloudfront", "redirect" or "rewrite"',
        message:
          `Correct "${entry.name}": the storage middlewares are cloudfront, redirect and rewrite`,
      });
      return undefined;
  }
}

function resolveCloudFront(
  raw: EntryInput["options"],
  { path, report }: Place,
): StorageMiddlewareConfig {
  const { baseurl = "", privatekey = "", keypairid = "" } = raw;
  for (const [key, value] of Object.entries({ baseurl, privatekey, keypairid })) {
    if (value !== "") continue;
    report.problem([...path, "options", key], {
      message: "Add the missing key: cloudfront needs it",
    });
  }
  const awsRegions = (raw.awsregion ?? "").split(",").map((region) => region.trim())
    .filter((region) => region !== "");
  if (raw.ipfilteredby === "awsregion" && awsRegions.length === 0) {
    report.problem([...path, "options", "awsregion"], {
      expected: "regions of AWS, separated by commas",
      message: "Add the regions by which ipfilteredby: awsregion is to filter",
    });
  }
  return {
    name: "cloudfront",
    baseUrl: baseurl,
    privateKey: privatekey,
    keyPairId: keypairid,
    durationMs: raw.duration,
    updateFrequencyMs: raw.updatefrequency,
    ipRangesUrl: raw.iprangesurl,
    ipFilteredBy: raw.ipfilteredby,
    awsRegions: raw.ipfilteredby === "awsregion" ? awsRegions : [],
  };
}

function resolveRedirect(
  { baseurl = "" }: EntryInput["options"],
  { path, report }: Place,
): StorageMiddlewareConfig {
  if (parseUrl(baseurl) === undefined) {
    const expected = 'a URL with scheme and host, such as "https://cdn.example.com"';
    report.problem([...path, "options", "baseurl"], {
      expected,
      message: `Give ${expected}: redirect needs it`,
    });
  }
  return { name: "redirect", baseUrl: baseurl };
}
