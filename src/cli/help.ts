import { bold } from "@std/fmt/colors";
import type { Command, Example, Flag } from "./command.ts";
import { PROGRAM } from "./program.ts";
import { COMMON_FLAGS, HELP_COMMAND } from "./read_arguments.ts";

type Row = readonly [left: string, right: string];

/** Columns between the two sides of a list. */
const GAP = 3;

/** Longest left side that still has its right side on the same line, in columns. */
const MAX_LEFT = 40;

/** Variables that any command heeds. */
const VARIABLES: readonly Row[] = [
  ["REGISTRY_CONFIGURATION_PATH", "The configuration file, without CONFIG"],
  ["REGISTRY_HTTP_ADDR=:8080", "Sets http.addr; so for every key of the file"],
];

/** How {@linkcode renderHelp} writes. */
export interface HelpOptions {
  /** Whether headings stand out, as a terminal can show them. @default false */
  readonly isTerminal?: boolean;
}

/** Writes the help of the program. */
export function renderHelp(
  commands: Readonly<Record<string, Command>>,
  options: HelpOptions = {},
): string {
  const rows = Object.entries(commands).map(([name, command]): Row => [
    synopsis(name, command),
    command.about,
  ]);
  const examples = Object.values(commands).flatMap((command) => command.examples.slice(0, 2));
  const page: Page = [
    `${PROGRAM.title} ${PROGRAM.version}, a registry for container images`,
    ["Usage", `${PROGRAM.name} COMMAND [OPTIONS]`],
    ["Commands", [...rows, [`${HELP_COMMAND} [COMMAND]`, "Print help for a command"]]],
    ["Options", COMMON_FLAGS.map(flagRow)],
    ["Environment", VARIABLES],
    ["Examples", examples.map(exampleRow)],
  ];
  return renderPage(page, options);
}

/** Writes the help of a command. */
export function renderCommandHelp(
  name: string,
  { command, ...options }: HelpOptions & { readonly command: Command },
): string {
  const { about, details, flags, examples, operands } = command;
  const page: Page = [
    about,
    ["Usage", `${PROGRAM.name} ${synopsis(name, command)} [OPTIONS]`],
    ...details,
    ["Options", [...flags, ...COMMON_FLAGS].map(flagRow)],
    ["Environment", operands.includes("CONFIG") ? VARIABLES : []],
    ["Examples", examples.map(exampleRow)],
  ];
  return renderPage(page, options);
}

/** Paragraphs, and headings with a text or a list behind them; an empty list is left out. */
type Page = readonly (string | readonly [heading: string, content: string | readonly Row[]])[];

function renderPage(page: Page, { isTerminal = false }: HelpOptions): string {
  const paint = isTerminal ? bold as (text: string) => string : (text: string) => text;
  return page.flatMap((part) => {
    if (typeof part === "string") return [part];
    const [title, content] = part;
    const heading = paint(`${title}:`);
    if (typeof content === "string") return [`${heading} ${content}`];
    return content.length === 0 ? [] : [[heading, ...renderRows(content)].join("\n")];
  }).join("\n\n");
}

function renderRows(rows: readonly Row[]): string[] {
  const lefts = rows.map(([left]) => left.length).filter((length) => length <= MAX_LEFT);
  const width = Math.max(...lefts, 0) + GAP;
  return rows.map(([left, right]) =>
    left.length > MAX_LEFT
      ? `  ${left}\n  ${" ".repeat(width)}${right}`
      : `  ${left.padEnd(width)}${right}`
  );
}

function synopsis(name: string, { operands }: Command): string {
  return [name, ...operands.map((operand) => `[${operand}]`)].join(" ");
}

function flagRow({ name, short, about }: Flag): Row {
  return [`${short === undefined ? "    " : `-${short}, `}--${name}`, about];
}

function exampleRow({ command, about }: Example): Row {
  return [command, about];
}
