import type { LogRecord } from "@logtape/logtape";
import { type PlainValue, plainValue } from "./field_value.ts";

/** Turns a record into one line without its end; never throws. */
export type RecordFormatter = (record: LogRecord) => string;

/**
 * The text of a record.
 *
 * Messages are constant and taken as they are; only the forms that LogTape fills in itself (a
 * placeholder, a template literal, a bare error) are put together from their parts.
 */
export function recordMessage(record: LogRecord): string {
  const { rawMessage } = record;
  if (typeof rawMessage === "string" && !rawMessage.includes("{")) return rawMessage;
  return record.message.map((part) => {
    if (typeof part === "string") return part;
    const value = plainValue("message", part);
    return typeof value === "string" ? value : JSON.stringify(value);
  }).join("");
}

/**
 * The fields of a record as plain values, in the order of their names, absent ones left out. A
 * field whose name the formatter has taken for itself is written as `fields.<name>`.
 *
 * Source: logrus, the logger of Distribution, "field clashes".
 */
export function recordFields(
  record: LogRecord,
  takenNames: ReadonlySet<string>,
): [name: string, value: PlainValue][] {
  const { properties } = record;
  const fields: [string, PlainValue][] = [];
  for (const name of Object.keys(properties).sort()) {
    const value = properties[name];
    if (value === undefined) continue;
    fields.push([takenNames.has(name) ? `fields.${name}` : name, plainValue(name, value)]);
  }
  return fields;
}

/** Where the line was logged, as `file:line`, where LogTape was asked to find out. */
export function recordCaller(record: LogRecord): string | undefined {
  const { sourceLocation } = record;
  return sourceLocation === undefined ? undefined : `${sourceLocation.file}:${sourceLocation.line}`;
}
