/**
 * Sends log lines by mail.
 *
 * Nothing waits for a mail: lines go into a short queue, and one mail after the other is sent from
 * it. What fails a thousand times a minute does not send a thousand mails.
 *
 * Source: reference of Distribution, "`log` and `loglevel`".
 *
 * @module
 */

import type { LogLevel, LogRecord } from "@logtape/logtape";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import type { LogHookLevel, MailHookConfig } from "../config/config.ts";
import { LOG_FIELDS, type LogFields } from "./fields.ts";
import { recordFields, recordMessage } from "./record.ts";
import type { Mail, SendMail } from "./send_mail.ts";

/** Lines that may wait for a slow mail server. */
const MAX_WAITING = 100;

/** Mails of one hook in one minute; further lines are counted in the next mail. */
const MAX_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/** What logrus calls the levels; it is in the subject of Distribution's mails. */
const LEVEL_NAMES: Readonly<Record<LogLevel, Exclude<LogHookLevel, "panic">>> = {
  trace: "trace",
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  fatal: "fatal",
};

const NO_NAMES: ReadonlySet<string> = new Set();

/** Options of {@linkcode MailHook}. */
export interface MailHookOptions {
  /** Sends one mail. */
  readonly send: SendMail;
  /** Is told that a mail was not sent; must not throw. */
  readonly onFailed: (error: unknown) => void;
  /** Fields that every line has. */
  readonly common?: LogFields;
  readonly clock?: Clock;
}

/** Sends the lines of some levels. */
export class MailHook {
  readonly #config: MailHookConfig;
  readonly #options: MailHookOptions;
  readonly #clock: Clock;
  readonly #waiting: Mail[] = [];
  #sending: Promise<void> | undefined;
  /** When the latest mails were taken, in order. */
  #takenAtMs: number[] = [];
  #unsentLines = 0;

  constructor(config: MailHookConfig, options: MailHookOptions) {
    this.#config = config;
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
  }

  /** Takes a line, if it is one of the hook's levels. */
  take(record: LogRecord): void {
    const level = hookLevel(record);
    const { levels } = this.#config;
    if (!levels.includes(level) && !levels.includes(LEVEL_NAMES[record.level])) return;
    if (!this.#hasRoom()) {
      this.#unsentLines++;
      return;
    }
    this.#waiting.push(this.#compose(record, level));
    this.#sending ??= this.#sendAll();
  }

  /** Resolves when no mail waits any more. */
  async settle(): Promise<void> {
    await this.#sending;
  }

  #hasRoom(): boolean {
    const now = this.#clock.now();
    this.#takenAtMs = this.#takenAtMs.filter((atMs) => atMs > now - MINUTE_MS);
    if (this.#takenAtMs.length >= MAX_PER_MINUTE || this.#waiting.length >= MAX_WAITING) {
      return false;
    }
    this.#takenAtMs.push(now);
    return true;
  }

  #compose(record: LogRecord, level: LogHookLevel): Mail {
    const { smtp, from, to } = this.#config;
    const { common } = this.#options;
    const message = recordMessage(record);
    const host = smtp.addr.slice(0, smtp.addr.lastIndexOf(":"));
    const fields = recordFields(record, { taken: NO_NAMES, common });
    const lines = fields.map(([name, value]) =>
      `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`
    );
    const unsent = this.#unsentLines;
    this.#unsentLines = 0;
    if (unsent > 0) lines.push("", `${unsent} further lines were not sent by mail.`);
    const text = [message, "", ...lines].join("\n");
    return { from, to, subject: `[${level}] ${host}: ${message}`, text };
  }

  async #sendAll(): Promise<void> {
    for (let mail = this.#waiting.shift(); mail !== undefined; mail = this.#waiting.shift()) {
      try {
        await this.#options.send(mail);
      } catch (error) {
        this.#options.onFailed(error);
      }
    }
    this.#sending = undefined;
  }
}

/**
 * The level of a line as a hook has it. What Distribution logs at level panic, a failure that
 * nobody foresaw, is a line with a stack here.
 */
function hookLevel({ level, properties }: LogRecord): LogHookLevel {
  return properties[LOG_FIELDS.errorStack] === undefined ? LEVEL_NAMES[level] : "panic";
}
