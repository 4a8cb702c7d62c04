import type { LogLevel, LogRecord } from "@logtape/logtape";
import { blue, dim, gray, green, red, yellow } from "@std/fmt/colors";
import { format as formatBytes } from "@std/fmt/bytes";
import { escapeUnprintable } from "./escape.ts";
import { DETAIL_FIELDS, LOG_FIELDS, type LogFields } from "./fields.ts";
import type { PlainValue } from "./field_value.ts";
import { textName, textValue } from "./format_text.ts";
import { recordCaller, recordFields, recordMessage } from "./record.ts";
import { formatTimeOfDay } from "./timestamp.ts";

type Paint = (text: string) => string;

const NO_NAMES: ReadonlySet<string> = new Set();

/** Four letters a level, and the colour that makes it stand out. */
const SHORT_LEVELS: Readonly<Record<LogLevel, readonly [label: string, paint: Paint]>> = {
  trace: ["TRAC", gray as Paint],
  debug: ["DEBU", gray as Paint],
  info: ["INFO", blue as Paint],
  warning: ["WARN", yellow as Paint],
  error: ["ERRO", red as Paint],
  fatal: ["FATA", red as Paint],
};

/** Columns that a message takes before the fields of a line. */
const MESSAGE_COLUMNS = 40;

/** Columns of the longest usual method. */
const METHOD_COLUMNS = 6;

/** Digits of a digest that tell it from the others on a screen. */
const DIGEST_DIGITS = 12;
const DIGEST_REGEXP = /(sha(?:256|384|512)(?::|%3A))([0-9a-f]{64,128})/g;

/** What the line of a request says in its own way, or what follows from it. */
const REQUEST_FIELDS: ReadonlySet<string> = new Set([
  LOG_FIELDS.requestMethod,
  LOG_FIELDS.requestUri,
  LOG_FIELDS.requestContentType,
  LOG_FIELDS.requestReferer,
  LOG_FIELDS.responseStatus,
  LOG_FIELDS.responseWritten,
  LOG_FIELDS.responseDuration,
  LOG_FIELDS.errorCode,
  LOG_FIELDS.errorMessage,
  LOG_FIELDS.errorDetail,
  LOG_FIELDS.name,
  LOG_FIELDS.reference,
  LOG_FIELDS.digest,
  LOG_FIELDS.uuid,
]);

/**
 * Writes a record for a person at a terminal, details left out: a request as
 * `INFO[15:04:05.678] 200 GET    /v2/app/manifests/v1  559 B  1.830ms`, anything else as
 * `INFO[15:04:05.678] message  name=value …`.
 */
export function formatTerminal(record: LogRecord, common?: LogFields): string {
  const [label, paint] = SHORT_LEVELS[record.level];
  const fields = new Map(recordFields(record, { taken: NO_NAMES, common }));
  const isRequest = fields.has(LOG_FIELDS.responseStatus) && fields.has(LOG_FIELDS.requestUri);
  const message = escapeUnprintable(recordMessage(record));
  const caller = recordCaller(record);
  const parts = [isRequest ? requestText(fields) : message.padEnd(MESSAGE_COLUMNS)];
  if (caller !== undefined) parts.push(`${paint("file")}=${textValue(caller)}`);
  for (const [name, value] of fields) {
    if (DETAIL_FIELDS.has(name) || (isRequest && REQUEST_FIELDS.has(name))) continue;
    parts.push(`${paint(textName(name))}=${textValue(value)}`);
  }
  return `${paint(label)}[${formatTimeOfDay(record.timestamp)}] ${parts.join(" ")}`.trimEnd();
}

/** Status, method, path, size, time, and what went wrong. */
function requestText(fields: ReadonlyMap<string, PlainValue>): string {
  const text = (name: string) => escapeUnprintable(String(fields.get(name) ?? ""));
  const status = Number(fields.get(LOG_FIELDS.responseStatus));
  const written = Number(fields.get(LOG_FIELDS.responseWritten));
  const uri = shortenDigests(text(LOG_FIELDS.requestUri));
  const parts = [
    statusPaint(status)(String(status)),
    text(LOG_FIELDS.requestMethod).padEnd(METHOD_COLUMNS),
    `${uri} `,
    (dim as Paint)(text(LOG_FIELDS.responseDuration)),
  ];
  if (written > 0) parts.push((dim as Paint)((formatBytes as (n: number) => string)(written)));
  const problem = problemText(fields);
  if (problem !== "") parts.push(problem);
  return parts.join(" ");
}

function statusPaint(status: number): Paint {
  if (status >= 500) return red as Paint;
  return (status >= 400 ? yellow : green) as Paint;
}

/** The message of an error, and its detail where the path does not say it already. */
function problemText(fields: ReadonlyMap<string, PlainValue>): string {
  const message = fields.get(LOG_FIELDS.errorMessage);
  if (message === undefined) return "";
  const value = fields.get(LOG_FIELDS.errorDetail);
  const detail = typeof value === "string" ? value : JSON.stringify(value ?? "");
  const isKnown = value === undefined || value === null ||
    String(fields.get(LOG_FIELDS.requestUri)).includes(detail);
  const problem = isKnown ? String(message) : `${message}: ${shortenDigests(detail)}`;
  return escapeUnprintable(`(${problem})`);
}

function shortenDigests(text: string): string {
  return text.replaceAll(
    DIGEST_REGEXP,
    (_, algorithm: string, hex: string) => `${algorithm}${hex.slice(0, DIGEST_DIGITS)}…`,
  );
}
