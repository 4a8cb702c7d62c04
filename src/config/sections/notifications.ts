import type { Report } from "../_report.ts";
import { duration, flag, integer, list, mapOf, type Output, section, text } from "../fields.ts";
import { checkHeaders, HTTP_URL } from "./_rules.ts";

const DEFAULT_TIMEOUT_MS = 1000;
const DEFAULT_THRESHOLD = 10;
const DEFAULT_BACKOFF_MS = 1000;

const mediaTypes = list(text({ about: "A media type." }), {
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
    about: "Bound on one post; 0 or less: the default.",
    default: DEFAULT_TIMEOUT_MS,
    settle: (value) => value > 0 ? value : DEFAULT_TIMEOUT_MS,
  }),
  threshold: integer({
    about: "Failures in a row before the pause; 0 or less: the default.",
    unit: "failures",
    default: DEFAULT_THRESHOLD,
    settle: (value) => value > 0 ? value : DEFAULT_THRESHOLD,
  }),
  backoff: duration({
    about: "That pause; 0 or less: the default.",
    default: DEFAULT_BACKOFF_MS,
    settle: (value) => value > 0 ? value : DEFAULT_BACKOFF_MS,
  }),
  ignoredmediatypes: mediaTypes,
  ignore: section({
    mediatypes: mediaTypes,
    actions: list(text({ about: "`pull`, `push`, `mount` or `delete`." }), {
      about: "Actions whose events are not sent.",
    }),
  }, { about: "Events that are not sent." }),
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
}

/** The section `notifications`; endpoints that are disabled are not in it. */
export interface NotificationsConfig {
  /** What events hold. */
  readonly events: { readonly includeReferences: boolean };
  /** Where events are sent. */
  readonly endpoints: readonly EndpointConfig[];
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
    checkHeaders(entry.headers, { path: [...path, "headers"], report });
    endpoints.push({
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
    });
  }
  return { events: { includeReferences: raw.events.includereferences }, endpoints };
}
