import type { LogRecord } from "@logtape/logtape";
import { escapeQuoted } from "./escape.ts";
import type { LogFields } from "./fields.ts";
import type { PlainValue } from "./field_value.ts";
import { recordCaller, recordFields, recordMessage } from "./record.ts";
import { formatRfc3339 } from "./timestamp.ts";

const TAKEN_NAMES: ReadonlySet<string> = new Set(["time", "level", "msg", "file"]);

/** Text that reads the same without quotes; the empty one stays empty. */
const BARE_REGEXP = /^[A-Za-z0-9._/@^+-]*$/;

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

/** Writes the name of a field. */
export function textName(name: string): string {
  return BARE_REGEXP.test(name) ? name : escapeQuoted(name);
}

/** Writes the value of a field, in quotes where it needs them. */
export function textValue(value: PlainValue): string {
  const text = typeof value === "string"
    ? value
    : typeof value === "object"
    ? JSON.stringify(value)
    : String(value);
  return BARE_REGEXP.test(text) ? text : `"${escapeQuoted(text)}"`;
}
