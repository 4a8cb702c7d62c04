import type { Logger } from "@logtape/logtape";
import { generate as generateUuid } from "@std/uuid/v7";
import type { Config } from "../config/config.ts";
import { PATH_VARIABLE } from "../config/environment.ts";
import { ConfigError, type ConfigProblem, describeSource } from "../config/error.ts";
import { readConfig } from "../config/read.ts";
import type { Logging } from "../log/configure.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { type Command, printLine, type Surroundings } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { errorFields } from "./explain_error.ts";
import { startLogging } from "./start_logging.ts";
import { startServing } from "./start_serving.ts";
import { runUntilStopped } from "./until_stopped.ts";
import { renderWelcome } from "./welcome.ts";

/** `stowage serve`. */
export const SERVE_COMMAND: Command = {
  about: "Run the registry",
  operands: ["CONFIG"],
  details: [
    "CONFIG is a configuration file of CNCF Distribution, version 0.1. Without one\n" +
    "the registry is for one person: at 127.0.0.1:5000, with its data in ./data.",
    "SIGINT and SIGTERM end it when the requests in flight are done, or when\n" +
    "http.draintimeout has passed; a second signal ends it at once.",
  ],
  flags: [],
  examples: [
    { command: "stowage serve", about: "At 127.0.0.1:5000, data in ./data" },
    { command: "stowage serve config.yml", about: "As a file describes it" },
    { command: "REGISTRY_HTTP_ADDR=:8080 stowage serve", about: "At another address" },
  ],
  async run({ operands: [path] }, surroundings) {
    const { env } = surroundings;
    const { config, warnings } = await readConfig({ env, ...path === undefined ? {} : { path } });
    const isConfigured = path !== undefined || (env[PATH_VARIABLE] ?? "") !== "";
    const { stderr: output, stderrIsTerminal: terminal } = surroundings;
    const instanceId = (generateUuid as () => string)();
    const logging = startLogging(config.log, { output, terminal, instanceId });
    for (const warning of warnings) logWarning(logging.log, warning);
    try {
      return await serve(config, { logging, surroundings, instanceId, isConfigured });
    } catch (error) {
      // A person reads the error itself; what else reads the log expects lines of its form.
      if (surroundings.stderrIsTerminal || error instanceof ConfigError) throw error;
      logging.log.fatal("could not start", errorFields(error));
      return EXIT_CODES.failure;
    } finally {
      await logging.close();
    }
  },
};

/** What {@linkcode serve} works with. */
interface ServeOptions {
  readonly logging: Logging;
  readonly surroundings: Surroundings;
  readonly instanceId: string;
  /** Whether somebody named a configuration file. */
  readonly isConfigured: boolean;
}

async function serve(config: Config, options: ServeOptions): Promise<number> {
  const { logging, surroundings, instanceId, isConfigured } = options;
  const { log } = logging;
  const service = await startServing(config, { log, surroundings, instanceId });
  if (!isConfigured) {
    await logging.flush();
    const { driver } = config.storage;
    const facts = { address: service.address, tls: config.http.tls !== undefined, driver };
    await printLine(surroundings.stderr, `\n${renderWelcome(facts)}`);
  }
  return await runUntilStopped(service, {
    log,
    surroundings,
    drainTimeoutMs: config.http.drainTimeoutMs,
  });
}

function logWarning(log: Logger, { path, message, source }: ConfigProblem): void {
  log.warn("configuration warning", {
    [LOG_FIELDS.configKey]: path === "" ? undefined : path,
    [LOG_FIELDS.configAdvice]: message,
    [LOG_FIELDS.configSource]: source === undefined ? undefined : describeSource(source),
  });
}
