import type { LogConfig } from "../config/config.ts";
import { configureLogging, type Logging } from "../log/configure.ts";
import type { LineOutput } from "../log/line_writer.ts";
import { PROGRAM } from "./program.ts";

/** Options of {@linkcode startLogging}. */
export interface StartLoggingOptions {
  readonly output: LineOutput;
  /** Names this start of the program on every line: a UUID. */
  readonly instanceId: string;
  /** Whether a person reads `output` on a terminal. */
  readonly terminal: boolean;
}

/** Sets up the application log as the configuration has it, for this thread. */
export function startLogging(config: LogConfig, options: StartLoggingOptions): Logging {
  return configureLogging({
    level: config.level,
    formatter: config.formatter,
    fields: config.fields,
    reportCaller: config.reportCaller,
    ...config.hooks.length === 0 ? {} : { hooks: config.hooks },
    version: PROGRAM.version,
    ...options,
  });
}
