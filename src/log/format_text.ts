import type { LogLevel, LogRecord } from "@logtape/logtape";
import { blue, gray, red, yellow } from "@std/fmt/colors";
import { escapeQuoted, escapeUnprintable } from "./escape.ts";
import { DETAIL_FIELDS, type LogFields } from "./fields.ts";
import type { PlainValue } from "./field_value.ts";
import { recordCaller, recordFields, recordMessage } from "./record.ts";
import { formatRfc3339, formatTimeOfDay } from "./timestamp.ts";

type Paint = (text: string) => string;

const TAKEN_NAMES: ReadonlySet<string> = new Set(["time", "level", "msg", "file"]);

/** Text that reads the same without quotes; the empty one stays empty. */
const BARE_REGEXP = /^[A-Za-z0-9._/@^+-]*$/;

/** Four letters a level, and the colour that makes it stand out. */
const SHORT_LEVELS: Readonly<Record<LogLevel, readonly [label: string, paint: Paint]>> = {
  trace: ["TRAC", gray as Paint],
  debug: ["DEBU", gray as Paint],
  info: ["INFO", blue as Paint],
  warning: ["WARN", yellow as Paint],
  error: ["ERRO", red as Paint],
  fatal: ["FATA", red as Paint],
};

/** Columns that a message takes before the fields of a short line. */
const MESSAGE_COLUMNS = 40;

/**
 * Writes a record as `time="…" level=info msg="…" name=value …`, names in order, values quoted
 * where they need it.
 *
 * Source: logrus' text formatter, as Distribution sets it up.
 */
export function formatText(record: LogRecord, common?: LogFields): string {
  let line = `time="${formatRfc3339(record.timestamp)}" level=${record.level}`;
  line += ` msg=${textValue(recordMessage(record))}`;
  const caller = recordCaller(record);
  if (caller !== undefined) line += ` file=${textValue(caller)}`;
  for (const [name, value] of recordFields(record, { taken: TAKEN_NAMES, common })) {
    line += ` ${textName(name)}=${textValue(value)}`;
  }
  return line;
}

/**
 * Writes a record for a person at a terminal: `INFO[15:04:05.678] message  name=value …`, details
 * left out.
 */
export function formatTerminal(record: LogRecord, common?: LogFields): string {
  const [label, paint] = SHORT_LEVELS[record.level];
  const message = escapeUnprintable(recordMessage(record));
  let line = `${paint(label)}[${formatTimeOfDay(record.timestamp)}] `;
  line += message.padEnd(MESSAGE_COLUMNS);
  const caller = recordCaller(record);
  if (caller !== undefined) line += ` ${paint("file")}=${textValue(caller)}`;
  for (const [name, value] of recordFields(record, { taken: TAKEN_NAMES, common })) {
    if (!DETAIL_FIELDS.has(name)) line += ` ${paint(textName(name))}=${textValue(value)}`;
  }
  return line.trimEnd();
}

function textName(name: string): string {
  return BARE_REGEXP.test(name) ? name : escapeQuoted(name);
}

function textValue(value: PlainValue): string {
  const text = typeof value === "string"
    ? value
    : typeof value === "object"
    ? JSON.stringify(value)
    : String(value);
  return BARE_REGEXP.test(text) ? text : `"${escapeQuoted(text)}"`;
}
