import type { Report } from "../_report.ts";
import {
  choice,
  duration,
  type Field,
  integer,
  list,
  optionalSection,
  type Output,
  section,
  text,
} from "../fields.ts";
import type { Path } from "../shape.ts";
import { present } from "./_present.ts";
import { HTTP_URL } from "./_rules.ts";

const HOUR_MS = 3_600_000;
const DEFAULT_TTL_MS = 168 * HOUR_MS;
const DEFAULT_WRITE_TIMEOUT_MS = 5 * 60_000;

/** The keys that say where another registry is, and who this one is to it. */
const UPSTREAM_KEYS = {
  username: text({ about: "User at that registry." }),
  password: text({ about: "Password at that registry.", secret: true }),
  exec: optionalSection({
    command: text({ about: "Credential helper that is asked instead.", required: true }),
    lifetime: duration({
      about: "How long its answer is kept; 0: not at all.",
      defaultText: "for ever",
      min: 0,
    }),
  }, { about: "Credentials from a program." }),
  allowedhosts: list(text({ about: "A host, with its port where that is unusual." }), {
    about: "Hosts that may be its token server, or that it may redirect to, wherever they are.",
    own: true,
  }),
} as const satisfies Record<string, Field<unknown>>;

const upstream = section({
  prefix: text({
    about: "First parts of the names of the repositories that are copies, such as `docker.io`.",
    required: true,
  }),
  remoteurl: text({ about: "Where the registry is.", required: true, rule: HTTP_URL }),
  ...UPSTREAM_KEYS,
  namespaces: list(text({ about: "A name, such as `docker.io`." }), {
    about: "What containerd calls the registry in its parameter `ns`; without any: the prefix.",
  }),
  library: text({
    about: "Put before names of one part; `-`: nothing is.",
    defaultText: "`library` for Docker Hub, else nothing",
  }),
}, { about: "Another registry." });

const wantedImages = section({
  repository: text({ about: "Name of the copy here, with its prefix.", required: true }),
  tags: list(text({ about: "A tag; `*` stands for any characters." }), {
    about: "Tags that are wanted.",
  }),
}, { about: "Images of a repository." });

/** The fields of `proxy`. */
export const proxySection = optionalSection({
  remoteurl: text({
    about: "Registry whose content is fetched and kept; switches the pull-through cache on.",
    rule: HTTP_URL,
  }),
  ...UPSTREAM_KEYS,
  upstreams: list(upstream, {
    about: "Registries that some repositories are copies of; all others take pushes as ever.",
    own: true,
  }),
  ttl: duration({
    about: "How long content that nobody uses is kept; 0 or less: for ever.",
    default: DEFAULT_TTL_MS,
    settle: (value) => Math.max(value, 0),
  }),
  maxsize: integer({
    own: true,
    about: "Most bytes of cached content; what was not used for longest goes first. 0: no limit.",
    default: 0,
    min: 0,
    unit: "bytes",
  }),
  freshness: duration({
    own: true,
    about: "A tag is compared with the registry's at most once in this time; 0: at each pull.",
    default: 60_000,
    min: 0,
  }),
  missing: duration({
    own: true,
    about: "How long the registry is not asked again for what it did not have.",
    default: 10_000,
    min: 0,
  }),
  listing: choice(["upstream", "cached"], {
    own: true,
    about: "Whether lists of tags are the registry's, or tell what is kept.",
    default: "upstream",
  }),
  catalog: choice(["cached", "upstream"], {
    own: true,
    about: "Whether the catalog tells what is kept, or has what the registries list too.",
    default: "cached",
  }),
  mirror: section({
    images: list(wantedImages, {
      about: "Images that `stowage mirror` copies ahead of time.",
      own: true,
    }),
    interval: duration({
      own: true,
      about: "Time between two rounds of `stowage mirror`; 0: one round.",
      default: 0,
      min: 0,
    }),
  }, { about: "Copies ahead of time." }),
  cachewritetimeout: duration({
    about: "Bound on keeping a blob after its client has it; 0 or less: the default.",
    default: DEFAULT_WRITE_TIMEOUT_MS,
    settle: (value) => value > 0 ? value : DEFAULT_WRITE_TIMEOUT_MS,
  }),
}, { about: "Pull-through cache of other registries." });

/** Another registry. */
export interface UpstreamConfig {
  /** First parts of the names of the copies, without a slash at the end; empty: all others. */
  readonly prefix: string;
  /** With http or https. */
  readonly remoteUrl: string;
  /** User at the registry. */
  readonly username?: string;
  /** Password at the registry. */
  readonly password?: string;
  /** Replaces user and password. */
  readonly exec?: {
    readonly command: string;
    /** How long its answer is kept; 0: not at all; absent: for ever. */
    readonly lifetimeMs?: number;
  };
  /** Hosts that are trusted with its credentials, and gone to wherever they are. */
  readonly allowedHosts: readonly string[];
  /** What containerd calls it. */
  readonly namespaces: readonly string[];
  /** Put before names of one part; empty: nothing is. */
  readonly library: string;
}

/** The section `proxy`. */
export interface ProxyConfig {
  /** At least one; the one of `proxy.remoteurl`, which has no prefix, comes last. */
  readonly upstreams: readonly UpstreamConfig[];
  /** How long content that nobody uses is kept; 0: for ever. */
  readonly ttlMs: number;
  /** Most bytes of cached content; 0: no limit. */
  readonly maxSizeBytes: number;
  /** A tag is compared at most once in this time; 0: at each pull. */
  readonly freshnessMs: number;
  /** How long it is remembered that something is missing; 0: not at all. */
  readonly missingMs: number;
  /** Where lists of tags come from. */
  readonly listing: "upstream" | "cached";
  /** What the catalog tells of. */
  readonly catalog: "cached" | "upstream";
  /** What `stowage mirror` copies ahead of time. */
  readonly mirror: {
    readonly images: readonly {
      /** Name of the copy here. */
      readonly repository: string;
      /** Tags, in which `*` stands for any characters. */
      readonly tags: readonly string[];
    }[];
    /** Time between two rounds; 0: one round. */
    readonly intervalMs: number;
  };
  /** Bound on keeping a blob after its client has it; above 0. */
  readonly cacheWriteTimeoutMs: number;
}

/** Makes the section's final form; `undefined` where no registry is named. */
export function resolveProxy(
  raw: Output<typeof proxySection>,
  report: Report,
): ProxyConfig | undefined {
  if (raw === undefined) return undefined;
  const { remoteurl } = raw;
  const upstreams = raw.upstreams.map((one, index) =>
    resolveUpstream(one, { path: ["proxy", "upstreams", index], report })
  );
  checkPrefixes(upstreams, report);
  if (remoteurl === undefined) {
    const given = ["username", "password", "exec"].find((key) => report.given(["proxy", key]));
    if (given !== undefined) {
      report.warn(["proxy", "remoteurl"], {
        message: "Ignoring the section: it names no registry",
      });
    }
    if (upstreams.length === 0) return undefined;
  } else {
    const rest = { ...raw, remoteurl, prefix: "", namespaces: [], library: undefined };
    upstreams.push(resolveUpstream(rest, { path: ["proxy"], report }));
  }
  return {
    upstreams,
    ttlMs: raw.ttl,
    maxSizeBytes: raw.maxsize,
    freshnessMs: raw.freshness,
    missingMs: raw.missing,
    listing: raw.listing,
    catalog: raw.catalog,
    mirror: { images: raw.mirror.images, intervalMs: raw.mirror.interval },
    cacheWriteTimeoutMs: raw.cachewritetimeout,
  };
}

function resolveUpstream(
  raw: Output<typeof upstream>,
  { path, report }: { readonly path: Path; readonly report: Report },
): UpstreamConfig {
  const { username, password, exec, prefix, remoteurl } = raw;
  if (exec !== undefined && (username !== undefined || password !== undefined)) {
    report.warn([...path, "exec"], {
      expected: "either a program, or username and password",
      message: "Ignoring username and password: the program is asked instead",
    });
  }
  const isHub = prefix !== "" && /(^|\.)docker\.io$/.test(hostnameOf(remoteurl));
  const { namespaces } = raw;
  return present({
    prefix,
    remoteUrl: remoteurl,
    username: exec === undefined ? username : undefined,
    password: exec === undefined ? password : undefined,
    exec: exec && present({ command: exec.command, lifetimeMs: exec.lifetime }),
    allowedHosts: raw.allowedhosts,
    namespaces: namespaces.length === 0 && prefix !== "" ? [prefix] : namespaces,
    library: raw.library === "-" ? "" : raw.library ?? (isHub ? "library" : ""),
  });
}

/** A prefix is the first parts of a repository's name, each of its kind once. */
function checkPrefixes(upstreams: readonly UpstreamConfig[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, { prefix }] of upstreams.entries()) {
    const path = ["proxy", "upstreams", index, "prefix"];
    if (!PREFIX_REGEXP.test(prefix)) {
      report.problem(path, {
        expected: 'the beginning of a repository\'s name, such as "docker.io"',
        message: "Give the first parts of a repository's name, without a slash at either end",
      });
    } else if (seen.has(prefix)) {
      report.problem(path, {
        expected: "a prefix that no other upstream has",
        message: "Give each upstream a prefix of its own",
      });
    }
    seen.add(prefix);
  }
}

const PREFIX_REGEXP = /^[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

function hostnameOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return "";
  }
}
