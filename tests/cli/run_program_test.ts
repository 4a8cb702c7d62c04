import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { runProgram } from "../../src/cli/run_program.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeSurroundings } from "./_fake_surroundings.ts";

/** Runs the program and gives what it wrote and its exit code. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const surroundings = new FakeSurroundings(env);
  const code = await runProgram(args, surroundings);
  return { code, stdout: surroundings.stdout.text, stderr: surroundings.stderr.text };
}

Deno.test("runProgram prints help to stdout", async () => {
  const { code, stdout, stderr } = await run([]);
  const ofCommand = await run(["serve", "--help"]);

  assertEquals([code, stderr, ofCommand.code, ofCommand.stderr], [0, "", 0, ""]);
  assertStringIncludes(stdout, "Commands:\n");
  assertStringIncludes(ofCommand.stdout, "Usage: stowage serve [CONFIG]");
});

Deno.test("runProgram prints the version, asked in either way", async () => {
  const asFlag = await run(["--version"]);
  const asCommand = await run(["version"]);

  assertEquals(asFlag, asCommand);
  assertEquals([asFlag.code, asFlag.stderr], [0, ""]);
  assert(asFlag.stdout.startsWith("stowage "));
});

Deno.test("runProgram tells a mistake and where to read on, and exits with 2", async () => {
  const program = await run(["sevre"]);
  const command = await run(["serve", "--port"]);

  assertEquals(program, {
    code: 2,
    stdout: "",
    stderr: 'stowage: unknown command "sevre"; did you mean "serve"?\n' +
      'Run "stowage --help" for what there is.\n',
  });
  assertEquals(command.code, 2);
  assertStringIncludes(command.stderr, 'Run "stowage serve --help"');
});

Deno.test("runProgram config prints what a configuration comes to", async () => {
  await using folder = await TempFolder.make();
  const path = await folder.write("config.yml", "version: 0.1\nstorage: inmemory\n");

  const { code, stdout, stderr } = await run(["config", path], {
    REGISTRY_HTTP_ADDR: "127.0.0.1:7000",
  });

  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "127.0.0.1:7000");
  assertStringIncludes(stdout, "# REGISTRY_HTTP_ADDR");
});

Deno.test("runProgram config finds its file by the environment", async () => {
  await using folder = await TempFolder.make();
  const path = await folder.write(
    "config.yml",
    "version: 0.1\nstorage: inmemory\nhttp: {addr: :9}",
  );

  const { stdout } = await run(["config"], { REGISTRY_CONFIGURATION_PATH: path });

  assertStringIncludes(stdout, ":9");
});

Deno.test("runProgram config prints what is odd to stderr", async () => {
  const { code, stdout, stderr } = await run(["config"], { REGISTRY_HTTP_ADRR: ":1" });

  assertEquals(code, 0);
  assertStringIncludes(stdout, "http:\n");
  assertStringIncludes(stderr, "REGISTRY_HTTP_ADRR");
});

Deno.test("runProgram prints every problem of a configuration and no stack", async () => {
  await using folder = await TempFolder.make();
  const text = "version: 0.1\nstorage: inmemory\nlog: {level: loud}\nhttp: {net: pigeon}\n";
  const path = await folder.write("config.yml", text);

  for (const command of ["config", "serve"]) {
    const { code, stdout, stderr } = await run([command, path]);

    assertEquals([code, stdout], [1, ""]);
    assert(stderr.startsWith("configuration error: 2 problems\n"), stderr);
    for (const part of ["log.level", "loud", "http.net", "pigeon", "line 3"]) {
      assertStringIncludes(stderr, part);
    }
    assertFalse(/\n\s+at /.test(stderr));
  }
});

Deno.test("runProgram tells an unexpected error on one line, and its stack on demand", async () => {
  const broken = (surroundings: FakeSurroundings) => {
    surroundings.stdout.write = () => Promise.reject(new TypeError("no paper"));
    return surroundings;
  };
  const short = broken(new FakeSurroundings());
  const long = broken(new FakeSurroundings());

  assertEquals(await runProgram(["version"], short), 1);
  assertEquals(await runProgram(["version", "--debug"], long), 1);

  assertEquals(
    short.stderr.text,
    "stowage: unexpected error: no paper (run it with --debug to see where it comes from)\n",
  );
  assertStringIncludes(long.stderr.text, "run_program_test.ts");
});
