import { configureSync, getLogger, type Logger, type LogRecord } from "@logtape/logtape";

/** Keeps every line that is logged. One at a time: LogTape is configured for the process. */
export class LogRecorder {
  readonly lines: LogRecord[] = [];
  readonly log: Logger;

  constructor() {
    configureSync({
      reset: true,
      sinks: { lines: (line) => void this.lines.push(line) },
      loggers: [
        { category: ["stowage"], sinks: ["lines"], lowestLevel: "debug" },
        { category: ["logtape", "meta"], lowestLevel: "error" },
      ],
    });
    this.log = getLogger(["stowage"]);
  }
}
