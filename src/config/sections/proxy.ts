import type { Report } from "../_report.ts";
import { duration, optionalSection, type Output, text } from "../fields.ts";
import { present } from "./_present.ts";
import { HTTP_URL } from "./_rules.ts";

const DEFAULT_TTL_MS = 168 * 3_600_000;
const DEFAULT_WRITE_TIMEOUT_MS = 5 * 60_000;

/** The fields of `proxy`. */
export const proxySection = optionalSection({
  remoteurl: text({
    about: "Registry whose content is fetched and kept; switches the pull-through cache on.",
    rule: HTTP_URL,
  }),
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
  ttl: duration({
    about: "How long content is kept; 0 or less: for ever.",
    default: DEFAULT_TTL_MS,
    settle: (value) => Math.max(value, 0),
  }),
  cachewritetimeout: duration({
    about: "Bound on keeping a blob after its client has it; 0 or less: the default.",
    default: DEFAULT_WRITE_TIMEOUT_MS,
    settle: (value) => value > 0 ? value : DEFAULT_WRITE_TIMEOUT_MS,
  }),
}, { about: "Pull-through cache of another registry." });

/** The section `proxy`. */
export interface ProxyConfig {
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
  /** How long content is kept; 0: for ever. */
  readonly ttlMs: number;
  /** Bound on keeping a blob after its client has it; above 0. */
  readonly cacheWriteTimeoutMs: number;
}

/** Makes the section's final form; `undefined` where no registry is named. */
export function resolveProxy(
  raw: Output<typeof proxySection>,
  report: Report,
): ProxyConfig | undefined {
  if (raw === undefined) return undefined;
  const { remoteurl, username, password, exec } = raw;
  if (remoteurl === undefined) {
    const given = ["username", "password", "exec"].find((key) => report.given(["proxy", key]));
    if (given !== undefined) {
      report.warn(["proxy", "remoteurl"], {
        message: "Ignoring the section: it names no registry",
      });
    }
    return undefined;
  }
  if (exec !== undefined && (username !== undefined || password !== undefined)) {
    report.warn(["proxy", "exec"], {
      expected: "either a program, or username and password",
      message: "Ignoring username and password: the program is asked instead",
    });
  }
  return present({
    remoteUrl: remoteurl,
    username: exec === undefined ? username : undefined,
    password: exec === undefined ? password : undefined,
    exec: exec && present({ command: exec.command, lifetimeMs: exec.lifetime }),
    ttlMs: raw.ttl,
    cacheWriteTimeoutMs: raw.cachewritetimeout,
  });
}
