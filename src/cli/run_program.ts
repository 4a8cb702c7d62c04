import { type Command, printLine, type Surroundings } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { explainError } from "./explain_error.ts";
import { renderCommandHelp, renderHelp } from "./help.ts";
import { PROGRAM } from "./program.ts";
import { readArguments, type Request } from "./read_arguments.ts";
import { describeVersion } from "./show_version.ts";

/**
 * Does what the arguments ask for; it never throws.
 *
 * @param args the arguments without the program's own name
 * @returns the exit code
 */
export async function runProgram(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const request = readArguments(args, COMMANDS);
  try {
    return await answer(request, surroundings);
  } catch (error) {
    const debug = request.kind === "run" && request.invocation.flags.has("debug");
    await printLine(surroundings.stderr, explainError(error, { debug })).catch(() => {});
    return EXIT_CODES.failure;
  }
}

async function answer(request: Request, surroundings: Surroundings): Promise<number> {
  const commands: Readonly<Record<string, Command>> = COMMANDS;
  const command = "command" in request ? commands[request.command ?? ""] : undefined;
  switch (request.kind) {
    case "help": {
      const { command: name = "" } = request;
      const isTerminal = surroundings.stdoutIsTerminal;
      const text = command === undefined
        ? renderHelp(commands, { isTerminal })
        : renderCommandHelp(name, { command, isTerminal });
      await printLine(surroundings.stdout, text);
      return EXIT_CODES.success;
    }
    case "version":
      await printLine(surroundings.stdout, describeVersion());
      return EXIT_CODES.success;
    case "mistake":
      await printLine(surroundings.stderr, describeMistake(request));
      return EXIT_CODES.usage;
    case "run":
      if (command === undefined) throw new Error(`Cannot run "${request.command}": no command`);
      return await command.run(request.invocation, surroundings);
  }
}

function describeMistake({ message, command }: Request & { readonly kind: "mistake" }): string {
  const help = [PROGRAM.name, ...command === undefined ? [] : [command], "--help"].join(" ");
  return `${PROGRAM.name}: ${message}\nRun "${help}" for what there is.`;
}
