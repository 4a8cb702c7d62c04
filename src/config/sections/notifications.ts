import type { Report } from "../_report.ts";
import type { Path } from "../shape.ts";
import {
  choice,
  duration,
  flag,
  integer,
  list,
  mapOf,
  type Output,
  section,
  text,
} from "../fields.ts";
import { checkHeaders, HTTP_URL } from "./_rules.ts";

const DEFAULT_TIMEOUT_MS = 1000;
const DEFAULT_THRESHOLD = 10;
const DEFAULT_BACKOFF_MS = 1000;

const DEFAULT_MAX_BACKOFF_MS = 60_000;
const DEFAULT_DEAD_AGE_MS = 72 * 3_600_000;
const DEFAULT_MAX_SIZE_BYTES = 1024 ** 3;

const ACTIONS: readonly string[] = ["pull", "push", "mount", "delete"];

/** The media types that events have: of manifests that can be stored, and of blobs. */
const EVENT_MEDIA_TYPES: ReadonlySet<string> = new Set([
  "application/octet-stream",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
]);

const mediaTypes = list(text({ about: "A media type; one that no event has is warned of." }), {
  about: "Media types of targets whose events are not sent.",
});

const endpoint = section({
  name: text({ about: "Label in metrics.", defaultText: "empty" }),
  disabled: flag({ about: "Leave this endpoint out.", default: false }),
  url: text({ about: "Where events are posted.", rule: HTTP_URL }),
  headers: mapOf(list(text({ about: "A value." }), { about: "Values of the header." }), {
    about: "Headers that are added to each post.",
    secret: true,
  }),
  timeout: duration({
    about: "Bound on one post; 0: the default.",
    default: DEFAULT_TIMEOUT_MS,
    min: 0,
    settle: (value) => value > 0 ? value : DEFAULT_TIMEOUT_MS,
  }),
  threshold: integer({
    about: "Failures in a row before the pause; 0: the default.",
    unit: "failures",
    default: DEFAULT_THRESHOLD,
    min: 0,
    settle: (value) => value > 0 ? value : DEFAULT_THRESHOLD,
  }),
  backoff: duration({
    about: "That pause; 0: the default.",
    default: DEFAULT_BACKOFF_MS,
    min: 0,
    settle: (value) => value > 0 ? value : DEFAULT_BACKOFF_MS,
  }),
  ignoredmediatypes: mediaTypes,
  ignore: section({
    mediatypes: mediaTypes,
    actions: list(
      text({
        about: "`pull`, `push`, `mount` or `delete`.",
        rule: {
          expected: '"pull", "push", "mount" or "delete"',
          test: (value) => ACTIONS.includes(value),
        },
      }),
      { about: "Actions whose events are not sent." },
    ),
  }, { about: "Events that are not sent." }),
  format: choice(["distribution", "cloudevents-structured", "cloudevents-binary"], {
    about: "How events are written.",
    default: "distribution",
    own: true,
  }),
  mediatype: choice([
    "application/vnd.docker.distribution.events.v2+json",
    "application/vnd.docker.distribution.events.v1+json",
  ], {
    about: "Media type of a post in the format `distribution`; Distribution 2 has v1.",
    default: "application/vnd.docker.distribution.events.v2+json",
    own: true,
  }),
  secret: text({
    about: "Key of the HMAC-SHA256 of the body that goes out as `X-Stowage-Signature-256`.",
    defaultText: "no signature",
    secret: true,
    own: true,
  }),
  maxbackoff: duration({
    about: "Longest pause; it doubles with each failure, starting at `backoff`.",
    default: DEFAULT_MAX_BACKOFF_MS,
    min: 0,
    own: true,
  }),
  batch: section({
    events: integer({
      about: "Most events in one post.",
      unit: "events",
      default: 1,
      min: 1,
      max: 1000,
      own: true,
    }),
    delay: duration({
      about: "How long a post waits to be full.",
      default: 0,
      min: 0,
      own: true,
    }),
  }, { about: "Several events in one post.", own: true }),
  deadletter: section({
    tries: integer({
      about: "After so many posts of an event it is given up; 0: never.",
      unit: "posts",
      default: 0,
      min: 0,
      own: true,
    }),
    age: duration({
      about: "An event that is older when a post fails is given up; 0: never.",
      default: DEFAULT_DEAD_AGE_MS,
      min: 0,
      own: true,
    }),
  }, {
    about: "Events that the endpoint does not take; they are kept for `stowage events`.",
    own: true,
  }),
}, { about: "An endpoint." });

/** The fields of `notifications`. */
export const notificationsSection = section({
  events: section({
    includereferences: flag({
      about: "Put what a manifest refers to into its events.",
      default: false,
    }),
  }, { about: "What events hold.", environmentNames: ["EVENTCONFIG"] }),
  endpoints: list(endpoint, { about: "Where events are sent." }),
  outbox: section({
    path: text({
      about:
        "Where the databases are that keep events until they are sent: this file, and others with " +
        "a number at the end of its name. Storage that is not the filesystem has no default: " +
        "events are then in a temporary folder, and lost when the program ends.",
      defaultText: "`stowage-outbox.db` in `storage.filesystem.rootdirectory`",
      own: true,
    }),
    maxsize: integer({
      about:
        "Most that events may take on disk; 0 or less: no limit. Pulls may take three quarters, " +
        "and go first.",
      unit: "bytes",
      default: DEFAULT_MAX_SIZE_BYTES,
      own: true,
    }),
    full: choice(["drop", "refuse"], {
      about:
        "What happens when events of pushes, mounts and deletes cannot be recorded: they are " +
        "dropped, or the requests are answered with 503.",
      default: "drop",
      own: true,
    }),
    pulls: choice(["relaxed", "durable"], {
      about:
        "Whether a pull waits for the disk; the event of a `relaxed` one is recorded before the " +
        "answer and outlives the program, but the power must not fail in the same moment.",
      default: "relaxed",
      own: true,
    }),
  }, { about: "Events on their way.", own: true }),
  pulls: section({
    ignore: list(text({ about: "A name; `*` stands for a part of it, `**` for several." }), {
      about: "Repositories whose pulls are no events.",
      own: true,
    }),
    sample: list(
      section({
        repositories: text({ about: "As in `ignore`.", required: true, own: true }),
        rate: integer({
          about: "Of a hundred pulls, so many are events.",
          unit: "percent",
          default: 100,
          min: 0,
          max: 100,
          own: true,
        }),
      }, { about: "A rule; the first that fits counts.", own: true }),
      { about: "Repositories of whose pulls some are events.", own: true },
    ),
  }, { about: "Which pulls are events.", own: true }),
}, { about: "Events for other programs." });

/** Where events are sent. */
export interface EndpointConfig {
  /** Label in metrics; may be empty. */
  readonly name: string;
  /** Where events are posted, with http or https. */
  readonly url: string;
  /** Headers that are added to each post. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Above 0. */
  readonly timeoutMs: number;
  /** Failures in a row before the pause, 1 or more. */
  readonly threshold: number;
  /** Above 0. */
  readonly backoffMs: number;
  /** Events that are not sent. */
  readonly ignore: {
    /** Both lists of the file in one. */
    readonly mediaTypes: readonly string[];
    readonly actions: readonly string[];
  };
  /** How events are written. */
  readonly format: "distribution" | "cloudevents-structured" | "cloudevents-binary";
  /** Media type of the format `distribution`. */
  readonly mediaType: string;
  /** Key of the signature; absent: none is sent. */
  readonly secret?: string;
  /** Longest pause, 0 or more. */
  readonly maxBackoffMs: number;
  /** Several events in one post. */
  readonly batch: {
    /** 1 to 1000. */
    readonly events: number;
    readonly delayMs: number;
  };
  /** When an event is given up; 0: never. */
  readonly deadLetter: { readonly tries: number; readonly ageMs: number };
}

/** Where events are kept until they are sent. */
export interface OutboxConfig {
  /** File of the databases; absent: beside the data. */
  readonly path?: string;
  /** Most bytes on disk; `Infinity` is no limit. */
  readonly maxBytes: number;
  /** What happens when events cannot be recorded. */
  readonly full: "drop" | "refuse";
  /** Whether a pull waits for the disk. */
  readonly pulls: "relaxed" | "durable";
}

/** Which pulls are events. */
export interface PullEventsConfig {
  /** Names of repositories with `*` and `**`. */
  readonly ignore: readonly string[];
  /** The first that fits counts; `rate` is 0 to 100. */
  readonly sample: readonly { readonly repositories: string; readonly rate: number }[];
}

/** The section `notifications`; endpoints that are disabled are not in it. */
export interface NotificationsConfig {
  /** What events hold. */
  readonly events: { readonly includeReferences: boolean };
  /** Where events are sent. */
  readonly endpoints: readonly EndpointConfig[];
  /** Where they are kept until then. */
  readonly outbox: OutboxConfig;
  /** Which pulls are events. */
  readonly pulls: PullEventsConfig;
}

/** Makes the section's final form. */
export function resolveNotifications(
  raw: Output<typeof notificationsSection>,
  report: Report,
): NotificationsConfig {
  const endpoints: EndpointConfig[] = [];
  for (const [index, entry] of raw.endpoints.entries()) {
    if (entry.disabled) continue;
    const path = ["notifications", "endpoints", index];
    if (entry.url === undefined) {
      report.problem([...path, "url"], {
        message: "Add the URL of the endpoint, or set disabled to true",
      });
    }
    if (entry.format === "cloudevents-binary" && entry.batch.events > 1) {
      report.problem([...path, "batch", "events"], {
        expected: "1",
        message: "Set it to 1, or choose another format: cloudevents-binary has one event a post",
      });
    }
    checkHeaders(entry.headers, { path: [...path, "headers"], report });
    warnOfMediaTypes(entry.ignoredmediatypes, { path: [...path, "ignoredmediatypes"], report });
    warnOfMediaTypes(entry.ignore.mediatypes, { path: [...path, "ignore", "mediatypes"], report });
    endpoints.push(resolveEndpoint(entry));
  }
  const { path, maxsize, full, pulls } = raw.outbox;
  return {
    events: { includeReferences: raw.events.includereferences },
    endpoints,
    outbox: {
      ...path === undefined ? {} : { path },
      maxBytes: maxsize > 0 ? maxsize : Infinity,
      full,
      pulls,
    },
    pulls: raw.pulls,
  };
}

/** Distribution takes any text here, so such a file must work; but it hardly does what it should. */
function warnOfMediaTypes(
  mediaTypes: readonly string[],
  { path, report }: { readonly path: Path; readonly report: Report },
): void {
  for (const [index, mediaType] of mediaTypes.entries()) {
    if (EVENT_MEDIA_TYPES.has(mediaType)) continue;
    report.warn([...path, index], {
      expected: "a media type that events have",
      message: `Correct or remove "${mediaType}": no event has this media type, so nothing is ` +
        'left out; those of blobs have "application/octet-stream", others that of the manifest',
    });
  }
}

function resolveEndpoint(entry: Output<typeof endpoint>): EndpointConfig {
  return {
    name: entry.name ?? "",
    url: entry.url ?? "",
    headers: entry.headers,
    timeoutMs: entry.timeout,
    threshold: entry.threshold,
    backoffMs: entry.backoff,
    ignore: {
      mediaTypes: [...new Set([...entry.ignoredmediatypes, ...entry.ignore.mediatypes])],
      actions: entry.ignore.actions,
    },
    format: entry.format,
    mediaType: entry.mediatype,
    ...entry.secret === undefined ? {} : { secret: entry.secret },
    maxBackoffMs: entry.maxbackoff,
    batch: { events: entry.batch.events, delayMs: entry.batch.delay },
    deadLetter: { tries: entry.deadletter.tries, ageMs: entry.deadletter.age },
  };
}
