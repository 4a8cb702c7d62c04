import type { Report } from "../_report.ts";
import { describeSource } from "../error.ts";
import {
  anything,
  choice,
  duration,
  flag,
  integer,
  optionalSection,
  type Output,
  section,
} from "../fields.ts";
import { present } from "./_present.ts";
import { type AzureConfig, azureSection, resolveAzure } from "./storage_azure.ts";
import { type GcsConfig, gcsSection, resolveGcs } from "./storage_gcs.ts";
import {
  type FilesystemConfig,
  filesystemSection,
  type InMemoryConfig,
  inmemorySection,
  resolveFilesystem,
} from "./storage_local.ts";
import { resolveS3, s3awsSection, type S3Config, s3Section } from "./storage_s3.ts";

const HOUR_MS = 3_600_000;

const DRIVER_KEYS = ["filesystem", "inmemory", "s3", "s3aws", "azure", "gcs"] as const;
type DriverKey = typeof DRIVER_KEYS[number];
const OTHER_KEYS: readonly string[] = ["delete", "redirect", "cache", "maintenance", "tag"];

const cacheSection = optionalSection({
  blobdescriptor: choice(["inmemory", "redis"], {
    about: "Where descriptors of blobs are cached.",
    defaultText: "no cache",
    lenient: true,
  }),
  blobdescriptorsize: integer({
    about: "Descriptors that the cache in memory keeps; 0 or less: without bound.",
    unit: "descriptors",
    default: 10_000,
    settle: (value) => Math.max(value, 0),
  }),
  exclusive: flag({
    about: "Promise that no other program changes the storage, replicas and collectors included; " +
      "the cache in memory, which could not know of it, is used with this promise only.",
    default: false,
    own: true,
  }),
  layerinfo: anything({
    about: "Older name of `blobdescriptor`.",
    obsolete: { use: "storage.cache.blobdescriptor", note: "it has had this name since 2.1" },
  }),
}, { about: "The cache of blob descriptors." });

const uploadPurgingSection = section({
  enabled: flag({
    about: "Remove uploads that were given up; only the boolean `false` switches it off.",
    default: true,
    lenient: true,
  }),
  age: duration({
    about: "How old an upload must be, as text.",
    default: 168 * HOUR_MS,
    min: 0,
    textOnly: true,
  }),
  interval: duration({
    about: "Time between two runs, as text.",
    default: 24 * HOUR_MS,
    min: 1000,
    textOnly: true,
  }),
  dryrun: flag({ about: "Only log what would be removed.", default: false }),
}, { about: "Removal of uploads that nobody ended." });

const garbageCollectionSection = section({
  enabled: flag({
    about: "Collect garbage beside requests; of several replicas one does it.",
    default: false,
    own: true,
  }),
  interval: duration({
    about: "Time between two runs.",
    default: 24 * HOUR_MS,
    min: 1000,
    own: true,
  }),
  grace: duration({
    about: "How long content stays that nobody needs: longer than a push takes, and than the " +
      "clocks of replicas differ.",
    default: 24 * HOUR_MS,
    min: 1000,
    own: true,
  }),
  deleteuntagged: flag({
    about: "Also remove manifests that nothing but their digest leads to.",
    default: false,
    own: true,
  }),
}, { about: "Removal of content that nobody needs." });

/** The fields of `storage`. */
export const storageSection = section({
  filesystem: filesystemSection,
  inmemory: inmemorySection,
  s3: s3Section,
  s3aws: s3awsSection,
  azure: azureSection,
  gcs: gcsSection,
  swift: anything({ about: "A driver of Distribution 2.", obsolete: goneDriver("swift") }),
  oss: anything({ about: "A driver of Distribution 2.", obsolete: goneDriver("oss") }),
  delete: section({
    enabled: flag({
      about: "Let clients delete blobs, manifests and tags; only a boolean counts.",
      default: false,
      lenient: true,
    }),
  }, { about: "Deletion by clients." }),
  redirect: section({
    disable: flag({
      about: "Serve blobs from here even where the storage has URLs for them.",
      default: false,
    }),
  }, { about: "Redirects to the storage." }),
  cache: cacheSection,
  maintenance: section({
    uploadpurging: uploadPurgingSection,
    garbagecollection: garbageCollectionSection,
    readonly: section({
      enabled: flag({ about: "Refuse every write.", default: false }),
    }, { about: "Read-only mode." }),
  }, { about: "Care of the storage." }),
  tag: section({
    concurrencylimit: integer({
      about: "Tags that are looked up at a time; 0: by the number of processors.",
      unit: "look-ups",
      default: 0,
      min: 0,
    }),
  }, { about: "Tags." }),
}, {
  about: "Where data is kept: exactly one driver, and what holds for every driver.",
  nameAlone: DRIVER_KEYS,
});

/** Parameters of the storage driver, by its name. */
export type StorageDriverConfig =
  | FilesystemConfig
  | InMemoryConfig
  | S3Config
  | AzureConfig
  | GcsConfig;

/** The section `storage`. */
export interface StorageConfig {
  /** The driver and its parameters. */
  readonly driver: StorageDriverConfig;
  /** Deletion by clients. */
  readonly delete: { readonly enabled: boolean };
  /** Redirects to the storage. */
  readonly redirect: { readonly disabled: boolean };
  /** Absent: no cache. */
  readonly cache?: BlobDescriptorCacheConfig;
  /** Care of the storage. */
  readonly maintenance: {
    readonly uploadPurging: UploadPurgingConfig;
    readonly garbageCollection: GarbageCollectionConfig;
    readonly readOnly: { readonly enabled: boolean };
  };
  /** Look-ups of tags. */
  readonly tag: {
    /** 0: by the number of processors. */
    readonly concurrencyLimit: number;
  };
}

/** The cache of blob descriptors. */
export interface BlobDescriptorCacheConfig {
  /** Where descriptors are kept. */
  readonly blobDescriptor: "inmemory" | "redis";
  /** Descriptors that are kept in memory; 0: without bound. */
  readonly blobDescriptorSize: number;
  /** Whether no other program changes the storage. */
  readonly exclusive: boolean;
}

/** Removal of uploads that nobody ended. */
export interface UploadPurgingConfig {
  /** Whether uploads are removed. */
  readonly enabled: boolean;
  /** How old an upload must be. */
  readonly ageMs: number;
  /** Time between two runs. */
  readonly intervalMs: number;
  /** Whether it is only logged what would be removed. */
  readonly dryRun: boolean;
}

/** Removal of content that nobody needs, beside requests. */
export interface GarbageCollectionConfig {
  /** Whether it is done. */
  readonly enabled: boolean;
  /** Time between two runs. */
  readonly intervalMs: number;
  /** How long content stays that nobody needs. */
  readonly graceMs: number;
  /** Whether manifests go that nothing but their digest leads to. */
  readonly deleteUntagged: boolean;
}

type StorageInput = Output<typeof storageSection>;

/** Makes the section's final form. */
export function resolveStorage(
  raw: StorageInput,
  { report, hasRedis }: { readonly report: Report; readonly hasRedis: boolean },
): StorageConfig {
  if (report.given(["storage", "redirect"]) && !report.given(["storage", "redirect", "disable"])) {
    warnMissing(["storage", "redirect", "disable"], { value: "false", report });
  }
  const uploadPurging = resolveUploadPurging(raw, report);
  const driver = resolveDriver(raw, report);
  return present({
    driver,
    cache: resolveCache(raw, { report, hasRedis, driver: driver.name }),
    delete: raw.delete,
    redirect: { disabled: raw.redirect.disable },
    maintenance: {
      uploadPurging,
      garbageCollection: resolveGarbageCollection(raw, report),
      readOnly: raw.maintenance.readonly,
    },
    tag: { concurrencyLimit: raw.tag.concurrencylimit },
  });
}

function resolveDriver(raw: StorageInput, report: Report): StorageDriverConfig {
  const { filesystem, s3, s3aws, azure, gcs } = raw;
  let driver: StorageDriverConfig = { name: "inmemory" };
  if (filesystem !== undefined) driver = resolveFilesystem(filesystem);
  if (s3 !== undefined) driver = resolveS3(s3, { key: "s3", report });
  if (s3aws !== undefined) driver = resolveS3(s3aws, { key: "s3aws", report });
  if (azure !== undefined) driver = resolveAzure(azure, report);
  if (gcs !== undefined) driver = resolveGcs(gcs, report);
  checkOneDriver(report);
  return driver;
}

function checkOneDriver(report: Report): void {
  const given = DRIVER_KEYS.filter((key) => report.given(["storage", key]));
  if (given.length > 1) tellTwoDrivers(given, report);
  // A key that is no setting was meant as a driver, and has been told as unknown.
  if (!report.keysOf(["storage"]).every((key) => OTHER_KEYS.includes(key))) return;
  report.problem(["storage"], {
    found: "no storage driver",
    expected: `one of ${DRIVER_KEYS.join(", ")}`,
    message: "Add a storage driver: no storage configuration provided",
  });
}

function tellTwoDrivers(given: readonly DriverKey[], report: Report): void {
  const found = given.map((key) => {
    const source = report.sourceOf(["storage", key]);
    return source === undefined ? key : `${key} (${describeSource(source)})`;
  });
  report.problem(["storage"], {
    found: found.join(" and "),
    expected: "exactly one storage driver",
    message:
      `Provide exactly one storage type, not ${found.join(" and ")}; to replace the file's ` +
      "driver from the environment, set REGISTRY_STORAGE to the driver's name as well",
  });
}

/** What a cache is for: these answer as fast as it would. */
const LOCAL_DRIVERS: readonly string[] = ["filesystem", "inmemory"];

/** What else decides whether a cache is of use. */
interface CacheUse {
  readonly report: Report;
  readonly hasRedis: boolean;
  /** Name of the driver. */
  readonly driver: string;
}

function resolveCache(
  { cache }: StorageInput,
  use: CacheUse,
): BlobDescriptorCacheConfig | undefined {
  const path = ["storage", "cache", "blobdescriptor"];
  if (cache === undefined) return undefined;
  const { blobdescriptor, blobdescriptorsize, exclusive } = cache;
  if (blobdescriptor === undefined) {
    if (!use.report.given(path)) {
      use.report.warn(path, {
        message: "Add the kind of cache: the section alone switches none on",
      });
    }
    return undefined;
  }
  if (blobdescriptor === "redis") checkRedisCache(use);
  else if (!exclusive && !LOCAL_DRIVERS.includes(use.driver)) {
    use.report.warn(path, {
      expected: '"redis", or also storage.cache.exclusive: true',
      message: "Using no cache: one in memory takes the promise storage.cache.exclusive, for " +
        "nothing tells it what other programs delete",
    });
  }
  return { blobDescriptor: blobdescriptor, blobDescriptorSize: blobdescriptorsize, exclusive };
}

function checkRedisCache({ report, hasRedis, driver }: CacheUse): void {
  const path = ["storage", "cache"];
  if (!hasRedis) {
    report.problem([...path, "blobdescriptor"], {
      expected: '"inmemory", or a section "redis" with addresses',
      message: "Add redis.addrs: a cache in Redis needs to know where Redis is",
    });
  } else if (LOCAL_DRIVERS.includes(driver)) {
    report.warn([...path, "blobdescriptor"], {
      expected: "no cache, or another driver",
      message: `Using no cache: ${driver} answers as fast as Redis would, and is never wrong`,
    });
  }
  if (report.given([...path, "blobdescriptorsize"])) {
    report.warn([...path, "blobdescriptorsize"], {
      expected: "no size with Redis",
      message: "Ignoring the size: it bounds the cache in memory only",
    });
  }
}

/** Source: Distribution, which takes the defaults for the section as a whole, not for one key. */
function resolveUploadPurging({ maintenance }: StorageInput, report: Report): UploadPurgingConfig {
  const path = ["storage", "maintenance", "uploadpurging"];
  const { enabled, age, interval, dryrun } = maintenance.uploadpurging;
  const defaults = { age: "168h", interval: "24h", dryrun: "false" };
  for (const [key, value] of Object.entries(defaults)) {
    if (!enabled || !report.given(path) || report.given([...path, key])) continue;
    warnMissing([...path, key], { value, report });
  }
  return { enabled, ageMs: age, intervalMs: interval, dryRun: dryrun };
}

/** A grace below this is for tests: pushes of large images take longer. */
const SHORT_GRACE_MS = HOUR_MS;

function resolveGarbageCollection(
  { maintenance }: StorageInput,
  report: Report,
): GarbageCollectionConfig {
  const { enabled, interval, grace, deleteuntagged } = maintenance.garbagecollection;
  if (enabled && grace < SHORT_GRACE_MS) {
    report.warn(["storage", "maintenance", "garbagecollection", "grace"], {
      expected: "1h or more",
      message: "Allow more time: a push that takes longer than the grace may be refused at its end",
    });
  }
  return { enabled, intervalMs: interval, graceMs: grace, deleteUntagged: deleteuntagged };
}

function warnMissing(
  path: readonly string[],
  { value, report }: { readonly value: string; readonly report: Report },
): void {
  report.warn(path, {
    message: `Taking ${value} for the missing key; Distribution refuses the section without it`,
  });
}

function goneDriver(name: string) {
  return {
    refused: true,
    note: `Choose another driver: "${name}" is gone, as in Distribution 3`,
  };
}
