import {
  configureSync,
  getLogger,
  type Logger,
  type LogLevel,
  type LogRecord,
} from "@logtape/logtape";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS } from "../base/timers.ts";
import type { MailHookConfig } from "../config/config.ts";
import { LOG_FIELDS, type LogFields } from "./fields.ts";
import { formatJson } from "./format_json.ts";
import { formatLogstash } from "./format_logstash.ts";
import { formatTerminal } from "./format_terminal.ts";
import { formatText } from "./format_text.ts";
import { type LineOutput, LineWriter } from "./line_writer.ts";
import { MailHook } from "./mail_hook.ts";
import type { RecordFormatter } from "./record.ts";
import { createMailer } from "./send_mail.ts";

/** The category of every logger of the program. */
export const LOG_CATEGORY = "stowage";

/** Lines about mails that were not sent: they are sent nowhere, or they would never end. */
const MAIL_CATEGORY = "mail";

/** The levels of the configuration file, and what LogTape calls them. */
export const LOG_LEVELS = {
  error: "error",
  warn: "warning",
  info: "info",
  debug: "debug",
} as const satisfies Record<string, LogLevel>;

/** A level of the configuration file. */
export type LogLevelName = keyof typeof LOG_LEVELS;

/** The formatters of the configuration file. */
export const LOG_FORMATTERS = {
  text: formatText,
  json: formatJson,
  logstash: formatLogstash,
} as const satisfies Record<string, RecordFormatter>;

/** A formatter of the configuration file. */
export type LogFormatterName = keyof typeof LOG_FORMATTERS;

/**
 * How a sink says that it reads a record at once: LogTape then spares a copy of it. The sinks of
 * LogTape itself say it so; where a later version does not know it, nothing but time is lost.
 */
const READ_AT_ONCE = { [Symbol.for("LogTape.sinkSnapshotPolicy.immediate")]: true } as const;

/** Options of {@linkcode configureLogging}. */
export interface LoggingOptions {
  /** Lowest level that is written. @default "info" */
  readonly level?: LogLevelName;
  /** @default "text", in its short form where `terminal` is set */
  readonly formatter?: LogFormatterName;
  /** Fields on every line; a line's own fields win. */
  readonly fields?: LogFields;
  /** Field `version` on every line. */
  readonly version?: string;
  /** Field `instance.id` on every line: a UUID, new at each start. */
  readonly instanceId?: string;
  /** Whether each line tells where in the source it was logged; costs a stack trace a line. @default false */
  readonly reportCaller?: boolean;
  /** Where lines go. @default `Deno.stderr` */
  readonly output?: LineOutput;
  /** Whether a person reads `output` on a terminal. @default false */
  readonly terminal?: boolean;
  /** Lines that are sent by mail as well. @default none */
  readonly hooks?: readonly MailHookConfig[];
}

/** The application log of this process. */
export interface Logging {
  /** Takes constant messages and fields named in `fields.ts`. */
  readonly log: Logger;
  /** Waits until every line is written; `false` where that took longer than `timeoutMs`. */
  flush(timeoutMs?: number): Promise<boolean>;
  /** Flushes and stops; later lines are dropped. */
  close(timeoutMs?: number): Promise<boolean>;
}

/**
 * Sets up the application log, replacing an earlier set-up of this process.
 *
 * LogTape keeps one set-up a process (and one a worker), so only the program's entry calls this;
 * everything else is handed a `Logger`.
 */
export function configureLogging(options: LoggingOptions = {}): Logging {
  const format = chooseFormatter(options);
  const common = {
    [LOG_FIELDS.instanceId]: options.instanceId,
    [LOG_FIELDS.version]: options.version,
    ...options.fields,
  };
  const writer = new LineWriter(options.output ?? Deno.stderr, {
    onDropped: (lines) => format(droppedRecord(lines), common),
  });
  const writeRecord = (record: LogRecord) =>
    writer.write(format(record, common), { urgent: isUrgent(record) });
  const hooks = startHooks(options.hooks ?? [], common);
  configureSync({
    reset: true,
    sinks: {
      lines: Object.assign(writeRecord, READ_AT_ONCE),
      mail: Object.assign(hooks.take, READ_AT_ONCE),
    },
    loggers: [
      {
        category: LOG_CATEGORY,
        sinks: options.hooks === undefined ? ["lines"] : ["lines", "mail"],
        lowestLevel: LOG_LEVELS[options.level ?? "info"],
        captureSourceLocation: options.reportCaller ?? false,
      },
      // What LogTape says about itself: nothing, unless something is wrong.
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "warning" },
    ],
  });
  return {
    log: getLogger(LOG_CATEGORY),
    flush: (timeoutMs) => writer.flush(timeoutMs),
    async close(timeoutMs) {
      await hooks.settle(timeoutMs);
      return await writer.close(timeoutMs);
    },
  };
}

/** How long the end of the program waits for mails, in milliseconds. */
const MAIL_PATIENCE_MS = 2000;

/** What the mail hooks of a log do together. */
interface Hooks {
  take(record: LogRecord): void;
  /** Waits until no mail waits any more, but not for ever. */
  settle(timeoutMs?: number): Promise<void>;
}

function startHooks(configs: readonly MailHookConfig[], common: LogFields): Hooks {
  const log = getLogger([LOG_CATEGORY, MAIL_CATEGORY]);
  const onFailed = (error: unknown) => log.warn("could not send a line by mail", { error });
  const hooks = configs.map((config) =>
    new MailHook(config, { send: createMailer(config.smtp), onFailed, common })
  );
  return {
    take(record) {
      if (record.category[1] === MAIL_CATEGORY) return;
      for (const hook of hooks) hook.take(record);
    },
    async settle(timeoutMs = MAIL_PATIENCE_MS) {
      const late = Promise.withResolvers<void>();
      const cancel = SYSTEM_TIMERS.after(timeoutMs, late.resolve);
      await Promise.race([late.promise, Promise.all(hooks.map((hook) => hook.settle()))]);
      cancel();
    },
  };
}

function chooseFormatter(options: LoggingOptions): RecordFormatter {
  const name = options.formatter ?? "text";
  return name === "text" && options.terminal === true ? formatTerminal : LOG_FORMATTERS[name];
}

/** A line that tells of trouble may be the last one of the process. */
function isUrgent(record: LogRecord): boolean {
  return record.level === "error" || record.level === "fatal";
}

function droppedRecord(lines: number): LogRecord {
  const message = "log lines dropped: their reader was too slow";
  return {
    category: [LOG_CATEGORY],
    level: "warning",
    message: [message],
    rawMessage: message,
    timestamp: SYSTEM_CLOCK.now(),
    properties: { [LOG_FIELDS.lines]: lines },
  };
}
