import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import type { Command, Flag, Invocation } from "./command.ts";

/** The flags that every command has. */
export const COMMON_FLAGS: readonly Flag[] = [
  { name: "help", short: "h", about: "Print help" },
  { name: "version", short: "v", about: "Print the version" },
  { name: "debug", about: "Show where an unexpected error comes from" },
];

/** The command that prints help; it is read here, since it needs the table of all. */
export const HELP_COMMAND = "help";

/** What the arguments ask for. */
export type Request =
  | { readonly kind: "run"; readonly command: string; readonly invocation: Invocation }
  | { readonly kind: "help"; readonly command?: string }
  | { readonly kind: "version" }
  | {
    readonly kind: "mistake";
    readonly message: string;
    /** The command whose help says more; the program's own without it. */
    readonly command?: string;
  };

type CommandTable = Readonly<Record<string, Command>>;

/** Reads the arguments of the program, without its own name. */
export function readArguments(args: readonly string[], commands: CommandTable): Request {
  const known = [...COMMON_FLAGS, ...Object.values(commands).flatMap(({ flags }) => flags)];
  const { words, flags, unknown } = splitArguments(args, known);
  const [first, ...operands] = words;
  if (first === HELP_COMMAND) return readHelp(operands, commands);
  if (first !== undefined && !Object.hasOwn(commands, first)) {
    return { kind: "mistake", message: describeUnknown("command", first, names(commands)) };
  }
  const command = first === undefined ? undefined : commands[first];
  const scope = first === undefined ? {} : { command: first };
  if (flags.has("help")) return { kind: "help", ...scope };
  const allowed = [...COMMON_FLAGS, ...command?.flags ?? []].map(({ name }) => name);
  const foreign = unknown[0] ?? [...flags].find((name) => !allowed.includes(name));
  if (foreign !== undefined) {
    return { kind: "mistake", message: describeUnknown("flag", foreign, allowed), ...scope };
  }
  if (flags.has("version")) return { kind: "version" };
  if (first === undefined || command === undefined) return { kind: "help" };
  if (operands.length > command.operands.length) {
    return { kind: "mistake", message: describeSurplus(first, command, operands), command: first };
  }
  return { kind: "run", command: first, invocation: { operands, flags } };
}

interface SplitArguments {
  readonly words: readonly string[];
  readonly flags: ReadonlySet<string>;
  /** Flags that nobody knows, as they were given, without hyphens. */
  readonly unknown: readonly string[];
}

interface ParseOptions {
  readonly boolean: readonly string[];
  readonly string: readonly string[];
  readonly alias: Readonly<Record<string, string>>;
  readonly unknown: (arg: string, key?: string) => boolean;
}

type Parse = (args: readonly string[], options: ParseOptions) => {
  readonly _: readonly string[];
  readonly [flag: string]: unknown;
};

function splitArguments(args: readonly string[], known: readonly Flag[]): SplitArguments {
  const unknown: string[] = [];
  const parsed = (parseArgs as Parse)(args, {
    boolean: known.map(({ name }) => name),
    // Words stay words: a folder may be called "1".
    string: ["_"],
    alias: Object.fromEntries(known.flatMap(({ name, short }) => short ? [[short, name]] : [])),
    unknown: (_arg, key) => {
      if (key === undefined) return true;
      unknown.push(key);
      return false;
    },
  });
  const flags = known.map(({ name }) => name).filter((name) => parsed[name] === true);
  return { words: parsed._, flags: new Set(flags), unknown };
}

function readHelp(operands: readonly string[], commands: CommandTable): Request {
  const [command] = operands;
  if (command === undefined || command === HELP_COMMAND) return { kind: "help" };
  if (Object.hasOwn(commands, command)) return { kind: "help", command };
  return { kind: "mistake", message: describeUnknown("command", command, names(commands)) };
}

function names(commands: CommandTable): string[] {
  return [...Object.keys(commands), HELP_COMMAND];
}

function describeUnknown(
  what: "command" | "flag",
  given: string,
  candidates: readonly string[],
): string {
  const hyphens = what === "command" ? "" : given.length === 1 ? "-" : "--";
  const message = `unknown ${what} "${hyphens}${given}"`;
  const near = nearest(given, candidates);
  if (near === undefined) return message;
  return `${message}; did you mean "${what === "command" ? "" : "--"}${near}"?`;
}

/** The candidate that `given` is most likely a misspelling of. */
function nearest(given: string, candidates: readonly string[]): string | undefined {
  const near = (closestString as (word: string, words: readonly string[]) => string)(
    given.toLowerCase(),
    candidates,
  );
  const distance = (levenshteinDistance as (a: string, b: string) => number)(given, near);
  return distance <= near.length / 2 ? near : undefined;
}

function describeSurplus(name: string, command: Command, operands: readonly string[]): string {
  const { length } = command.operands;
  const taken = length === 0 ? "no arguments" : `at most ${command.operands.join(" and ")}`;
  return `"${name}" takes ${taken}; remove "${operands[length]}"`;
}
