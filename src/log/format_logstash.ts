import type { LogRecord } from "@logtape/logtape";
import type { LogFields } from "./fields.ts";
import { stringifyMembers } from "./format_json.ts";
import { recordCaller, recordFields, recordMessage } from "./record.ts";
import { formatRfc3339 } from "./timestamp.ts";

const TAKEN_NAMES: ReadonlySet<string> = new Set(
  ["@timestamp", "@version", "message", "level", "type", "file"],
);

/**
 * Writes a record as the JSON event that Logstash expects: `@timestamp`, `@version`, `message`,
 * `level`, `type`, then the fields in the order of their names.
 *
 * Source: Distribution 2.x; version 3 lost these keys (see `docs/differences.md`).
 */
export function formatLogstash(record: LogRecord, common?: LogFields): string {
  return stringifyMembers([
    ["@timestamp", formatRfc3339(record.timestamp)],
    ["@version", "1"],
    ["message", recordMessage(record)],
    ["level", record.level],
    ["type", "log"],
    ["file", recordCaller(record)],
    ...recordFields(record, { taken: TAKEN_NAMES, common }),
  ]);
}
