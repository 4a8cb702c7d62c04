import type { LogLevel, LogRecord } from "@logtape/logtape";

/** When {@linkcode makeRecord} says that its record was logged. */
export const RECORD_TIME_MS = Date.UTC(2026, 0, 2, 15, 4, 5, 67);

/** A log record as LogTape hands it to a sink. */
export function makeRecord(
  message: string,
  properties: Record<string, unknown> = {},
  level: LogLevel = "info",
): LogRecord {
  return {
    category: ["stowage"],
    level,
    message: [message],
    rawMessage: message,
    timestamp: RECORD_TIME_MS,
    properties,
  };
}
