import type { LogRecord } from "@logtape/logtape";
import type { LogFields } from "./fields.ts";
import { type PlainValue, plainValue } from "./field_value.ts";

/**
 * Turns a record into one line without its end; never throws.
 *
 * @param common fields that every line has; where the record has one of the same name, its own wins
 */
export type RecordFormatter = (record: LogRecord, common?: LogFields) => string;

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

/** Options of {@linkcode recordFields}. */
export interface RecordFieldsOptions {
  /** Names that the formatter has taken for itself: a field is then written as `fields.<name>`. */
  readonly taken: ReadonlySet<string>;
  /** See {@linkcode RecordFormatter}. */
  readonly common?: LogFields | undefined;
}

const NO_FIELDS: LogFields = {};

/**
 * The fields of a record as plain values, in the order of their names, absent ones left out.
 *
 * Source: logrus, the logger of Distribution, "field clashes".
 */
export function recordFields(
  record: LogRecord,
  { taken, common = NO_FIELDS }: RecordFieldsOptions,
): [name: string, value: PlainValue][] {
  const { properties } = record;
  const names = Object.keys(properties);
  for (const name of Object.keys(common)) {
    if (!Object.hasOwn(properties, name)) names.push(name);
  }
  const fields: [string, PlainValue][] = [];
  for (const name of names.sort()) {
    const value = Object.hasOwn(properties, name) ? properties[name] : common[name];
    if (value === undefined) continue;
    fields.push([taken.has(name) ? `fields.${name}` : name, plainValue(name, value)]);
  }
  return fields;
}

/** Where the line was logged, as `file:line`, where LogTape was asked to find out. */
export function recordCaller(record: LogRecord): string | undefined {
  const { sourceLocation } = record;
  return sourceLocation === undefined ? undefined : `${sourceLocation.file}:${sourceLocation.line}`;
}
