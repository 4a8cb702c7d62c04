import type { LogRecord } from "@logtape/logtape";
import type { LogFields } from "./fields.ts";
import type { PlainValue } from "./field_value.ts";
import { recordCaller, recordFields, recordMessage } from "./record.ts";
import { formatRfc3339 } from "./timestamp.ts";

const TAKEN_NAMES: ReadonlySet<string> = new Set(["time", "level", "msg", "file"]);

/**
 * Writes a record as one JSON object: `time`, `level`, `msg`, then the fields in the order of their
 * names.
 *
 * Source: logrus' JSON formatter, as Distribution sets it up; only the order of the members differs.
 */
export function formatJson(record: LogRecord, common?: LogFields): string {
  return stringifyMembers([
    ["time", formatRfc3339(record.timestamp)],
    ["level", record.level],
    ["msg", recordMessage(record)],
    ["file", recordCaller(record)],
    ...recordFields(record, { taken: TAKEN_NAMES, common }),
  ]);
}

/** Writes a JSON object with its members in this order, absent ones left out. */
export function stringifyMembers(
  members: readonly (readonly [name: string, value: PlainValue | undefined])[],
): string {
  // An object literal would lose a member named `__proto__` and reorder names that are numbers.
  let text = "";
  for (const [name, value] of members) {
    if (value === undefined) continue;
    text += `${text === "" ? "{" : ","}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `${text}}`;
}
