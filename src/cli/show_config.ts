import { readConfig } from "../config/read.ts";
import { renderConfig, renderProblems } from "../config/render.ts";
import { type Command, printLine } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

/** `stowage config`. */
export const CONFIG_COMMAND: Command = {
  about: "Check a configuration, and print it",
  operands: ["CONFIG"],
  details: [
    "Prints every value, defaults included, with where it came from: a line of the\n" +
    "file, a variable, or the default. Secrets are hidden. Where something is wrong,\n" +
    "every problem is printed instead, and the exit code is 1.",
  ],
  flags: [],
  examples: [
    { command: "stowage config config.yml", about: "Check a file before it is used" },
    { command: "REGISTRY_HTTP_ADDR=:8080 stowage config", about: "See what a variable does" },
  ],
  async run({ operands: [path] }, { env, stdout, stderr }) {
    const loaded = await readConfig({ env, ...path === undefined ? {} : { path } });
    if (loaded.warnings.length > 0) await printLine(stderr, renderProblems(loaded.warnings));
    await printLine(stdout, renderConfig(loaded).trimEnd());
    return EXIT_CODES.success;
  },
};
