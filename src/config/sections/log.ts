import type { Report } from "../_report.ts";
import { anything, choice, flag, list, mapOf, type Output, section, text } from "../fields.ts";
import { present } from "./_present.ts";

const hookOptions = section({
  smtp: section({
    addr: text({ about: "Mail server, `host:port`; the host is also its name for TLS and AUTH." }),
    username: text({ about: "User for AUTH PLAIN." }),
    password: text({ about: "Password for AUTH PLAIN.", secret: true }),
    insecure: flag({ about: "Not used, as in Distribution.", default: false }),
  }, { about: "The mail server." }),
  from: text({ about: "Sender address." }),
  to: list(text({ about: "A recipient." }), { about: "Recipient addresses." }),
}, { about: "Settings of a mail hook.", environmentNames: ["MAILOPTIONS"] });

const hook = section({
  type: text({ about: "Kind of hook; `mail` is the only one." }),
  disabled: flag({ about: "Leave this hook out.", default: false }),
  levels: list(
    text({ about: "`panic`, `fatal`, `error`, `warn`, `info`, `debug` or `trace`." }),
    { about: "Levels of log lines that are sent." },
  ),
  options: hookOptions,
}, { about: "A hook." });

/** The fields of `log`. */
export const logSection = section({
  level: choice(["error", "warn", "info", "debug"], {
    about: "Least serious level that is logged; upper or lower case.",
    default: "info",
    ignoreCase: true,
  }),
  formatter: choice(["text", "json", "logstash"], {
    about: "Format of the application log on stderr.",
    default: "text",
  }),
  fields: mapOf(anything({ about: "A value." }), {
    about: "Fields that are added to every line of the application log.",
  }),
  reportcaller: flag({ about: "Add the calling function and file to each line.", default: false }),
  accesslog: section({
    disabled: flag({ about: "Write no access log to stdout.", default: false }),
  }, { about: "The access log." }),
  hooks: list(hook, { about: "Where else log lines of some levels go." }),
}, { about: "Logs: the application log on stderr and the access log on stdout." });

/** The least serious level that is logged. */
export type LogLevel = "error" | "warn" | "info" | "debug";
/** How the application log is written. */
export type LogFormatter = "text" | "json" | "logstash";
/** A level that a hook listens to. */
export type LogHookLevel = "panic" | "fatal" | "error" | "warn" | "info" | "debug" | "trace";

const HOOK_LEVELS: readonly LogHookLevel[] = [
  "panic",
  "fatal",
  "error",
  "warn",
  "info",
  "debug",
  "trace",
];

/** Sends log lines by mail; only hooks that are switched on are here. */
export interface MailHookConfig {
  /** The kind of hook. */
  readonly type: "mail";
  /** Levels of the lines that are sent. */
  readonly levels: readonly LogHookLevel[];
  /** The mail server. */
  readonly smtp: {
    /** `host:port`. */
    readonly addr: string;
    readonly username?: string;
    readonly password?: string;
    readonly insecure: boolean;
  };
  /** Sender address; may be empty. */
  readonly from: string;
  /** Recipient addresses. */
  readonly to: readonly string[];
}

/** The section `log`. */
export interface LogConfig {
  /** Least serious level that is logged. */
  readonly level: LogLevel;
  /** Format of the application log. */
  readonly formatter: LogFormatter;
  /** Static fields of every application log line. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether lines name the calling function and file. */
  readonly reportCaller: boolean;
  /** The access log on stdout. */
  readonly accessLog: { readonly disabled: boolean };
  /** Where else lines go. */
  readonly hooks: readonly MailHookConfig[];
}

/** Makes the section's final form. */
export function resolveLog(raw: Output<typeof logSection>, report: Report): LogConfig {
  const hooks: MailHookConfig[] = [];
  for (const [index, entry] of raw.hooks.entries()) {
    const mail = entry.disabled ? undefined : resolveHook(entry, { index, report });
    if (mail !== undefined) hooks.push(mail);
  }
  return {
    level: raw.level,
    formatter: raw.formatter,
    fields: raw.fields,
    reportCaller: raw.reportcaller,
    accessLog: { disabled: raw.accesslog.disabled },
    hooks,
  };
}

interface HookPlace {
  readonly index: number;
  readonly report: Report;
}

function resolveHook(
  raw: Output<typeof hook>,
  { index, report }: HookPlace,
): MailHookConfig | undefined {
  const path = ["log", "hooks", index];
  if (raw.type !== "mail") {
    report.warn([...path, "type"], {
      expected: '"mail"',
      message: "Ignoring the hook: only mail hooks do something",
    });
    return undefined;
  }
  const { smtp, from, to } = raw.options;
  if (smtp.addr?.split(":").length !== 2) {
    report.warn([...path, "options", "smtp", "addr"], {
      expected: 'a host and port such as "mail.example.com:25"',
      message: "Ignoring the hook: it cannot send without the address of a mail server",
    });
    return undefined;
  }
  return {
    type: "mail",
    levels: raw.levels.map((level, at) =>
      toHookLevel(level, { path: [...path, "levels", at], report })
    ),
    smtp: present({
      addr: smtp.addr,
      username: smtp.username,
      password: smtp.password,
      insecure: smtp.insecure,
    }),
    from: from ?? "",
    to,
  };
}

/** Source: Distribution, where an unknown name is the zero level, `panic`. */
function toHookLevel(
  name: string,
  { path, report }: { readonly path: readonly (string | number)[]; readonly report: Report },
): LogHookLevel {
  const lower = name.toLowerCase();
  const level = HOOK_LEVELS.find((known) => known === (lower === "warning" ? "warn" : lower));
  if (level !== undefined) return level;
  report.warn(path, {
    expected: `one of ${HOOK_LEVELS.join(", ")}`,
    message: 'Correct the level: an unknown one is read as "panic"',
  });
  return "panic";
}
