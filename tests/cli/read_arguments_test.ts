import { assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { readArguments } from "../../src/cli/read_arguments.ts";

function read(line: string) {
  return readArguments(line === "" ? [] : line.split(" "), COMMANDS);
}

function run(command: string, operands: string[], flags: string[] = []) {
  return { kind: "run", command, invocation: { operands, flags: new Set(flags) } };
}

Deno.test("readArguments finds the command and its arguments", () => {
  assertEquals(read("serve"), run("serve", []));
  assertEquals(read("serve config.yml"), run("serve", ["config.yml"]));
  assertEquals(read("serve 1"), run("serve", ["1"]));
  assertEquals(read("config 0x10 --debug"), run("config", ["0x10"], ["debug"]));
  assertEquals(read("--debug serve"), run("serve", [], ["debug"]));
  assertEquals(read("serve -- --odd.yml"), run("serve", ["--odd.yml"]));
});

Deno.test("readArguments gives help where it is asked for, and where nothing is", () => {
  for (const line of ["", "help", "-h", "--help", "help help", "--debug"]) {
    assertEquals(read(line), { kind: "help" }, line);
  }
  for (const line of ["help serve", "serve --help", "serve -h config.yml", "--help serve"]) {
    assertEquals(read(line), { kind: "help", command: "serve" }, line);
  }
});

Deno.test("readArguments gives the version", () => {
  for (const line of ["-v", "--version", "serve --version"]) {
    assertEquals(read(line), { kind: "version" }, line);
  }
  assertEquals(read("version"), run("version", []));
});

Deno.test("readArguments names the command that was likely meant", () => {
  const cases: [line: string, message: string][] = [
    ["sevre", 'unknown command "sevre"; did you mean "serve"?'],
    ["CONFIG", 'unknown command "CONFIG"'],
    ["hlep", 'unknown command "hlep"; did you mean "help"?'],
    ["Serve", 'unknown command "Serve"; did you mean "serve"?'],
    ["help confg", 'unknown command "confg"; did you mean "config"?'],
    ["catalogue", 'unknown command "catalogue"'],
    ["constructor", 'unknown command "constructor"'],
  ];
  for (const [line, message] of cases) assertEquals(read(line), { kind: "mistake", message });
});

Deno.test("readArguments names the flag that was likely meant", () => {
  const cases: [line: string, message: string][] = [
    ["serve --hlep", 'unknown flag "--hlep"; did you mean "--help"?'],
    ["serve --port 1", 'unknown flag "--port"'],
    ["serve -x", 'unknown flag "-x"'],
    ["serve config.yml --debugg", 'unknown flag "--debugg"; did you mean "--debug"?'],
  ];
  for (const [line, message] of cases) {
    assertEquals(read(line), { kind: "mistake", message, command: "serve" });
  }
  assertEquals(read("--vresion"), {
    kind: "mistake",
    message: 'unknown flag "--vresion"; did you mean "--version"?',
  });
});

Deno.test("readArguments refuses a flag that belongs to another command", () => {
  const commands = {
    ...COMMANDS,
    config: { ...COMMANDS.config, flags: [{ name: "json", about: "Print JSON" }] },
  };

  assertEquals(readArguments(["config", "--json"], commands), run("config", [], ["json"]));
  assertEquals(readArguments(["serve", "--json"], commands), {
    kind: "mistake",
    message: 'unknown flag "--json"',
    command: "serve",
  });
});

Deno.test("readArguments refuses arguments that nobody takes", () => {
  assertEquals(read("serve a.yml b.yml"), {
    kind: "mistake",
    message: '"serve" takes at most CONFIG; remove "b.yml"',
    command: "serve",
  });
  assertEquals(read("version 1"), {
    kind: "mistake",
    message: '"version" takes no arguments; remove "1"',
    command: "version",
  });
});
