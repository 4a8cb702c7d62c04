import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { renderCommandHelp, renderHelp } from "../../src/cli/help.ts";
import { PROGRAM } from "../../src/cli/program.ts";

const PAGES = [
  renderHelp(COMMANDS),
  ...Object.entries(COMMANDS).map(([name, command]) => renderCommandHelp(name, { command })),
];

Deno.test("renderHelp names every command, and says what it is for", () => {
  const [page = ""] = PAGES;

  assert(page.startsWith(`Stowage ${PROGRAM.version}, `));
  for (const [name, { about }] of Object.entries(COMMANDS)) {
    assertStringIncludes(page, `\n  ${name}`);
    assertStringIncludes(page, about);
  }
});

Deno.test("renderCommandHelp shows arguments, flags and examples", () => {
  const page = renderCommandHelp("serve", { command: COMMANDS.serve });

  for (const part of ["stowage serve [CONFIG] [OPTIONS]", "-h, --help ", "      --debug "]) {
    assertStringIncludes(page, part);
  }
  for (const { command } of COMMANDS.serve.examples) assertStringIncludes(page, `\n  ${command} `);
});

Deno.test("renderCommandHelp shows flags of the command's own before the common ones", () => {
  const command = {
    ...COMMANDS.version,
    flags: [{ name: "dry-run", short: "d", about: "Change nothing" }],
  };

  const page = renderCommandHelp("version", { command });

  assertStringIncludes(page, "Options:\n  -d, --dry-run   Change nothing\n  -h, --help ");
  assertFalse(page.includes("Environment:"));
});

Deno.test("renderHelp fits a terminal of 80 columns, its lists aligned", () => {
  for (const page of PAGES) {
    for (const line of page.split("\n")) assert(line.length <= 80, line);
    for (const list of page.split("\n\n").filter((part) => /^\w+:\n/.test(part))) {
      const rows = list.split("\n").slice(1);
      const starts = rows.map((row) => row.search(/(?<=\S {3,})\S/));
      assertEquals(new Set(starts).size, 1, list);
    }
  }
});

Deno.test("renderHelp makes headings stand out on a terminal alone", () => {
  // Without colours (NO_COLOR) there is nothing to stand out with.
  const onTerminal = renderHelp(COMMANDS, { isTerminal: true });

  assertEquals(onTerminal.includes("\x1b[1mUsage:"), !Deno.noColor);
  assertFalse(renderHelp(COMMANDS).includes("\x1b"));
});
