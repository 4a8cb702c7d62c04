import { type Command, printLine } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { PROGRAM } from "./program.ts";

/** `stowage version`. */
export const VERSION_COMMAND: Command = {
  about: "Print the version",
  operands: [],
  details: ["Prints the version of the program, and what it runs on."],
  flags: [],
  examples: [],
  async run(_invocation, { stdout }) {
    await printLine(stdout, describeVersion());
    return EXIT_CODES.success;
  },
};

/** The version of the program and of what it runs on, on one line. */
export function describeVersion(): string {
  return `${PROGRAM.name} ${PROGRAM.version} (deno ${Deno.version.deno}, ${Deno.build.target})`;
}
