import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { compareSync } from "bcryptjs";
import { parseHtpasswd } from "../../src/auth/htpasswd_file.ts";
import { HTPASSWD_COMMAND } from "../../src/cli/edit_users.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeSurroundings } from "./_fake_surroundings.ts";

/** Runs the command, and gives its exit code with all that it printed. */
async function run(
  operands: readonly string[],
  { flags = [], secrets = [], isTerminal = false }: {
    readonly flags?: readonly string[];
    readonly secrets?: readonly string[];
    readonly isTerminal?: boolean;
  } = {},
): Promise<{ readonly code: number; readonly text: string }> {
  const surroundings = new FakeSurroundings();
  surroundings.secrets.push(...secrets);
  surroundings.stdinIsTerminal = isTerminal;
  const code = await HTPASSWD_COMMAND.run({ operands, flags: new Set(flags) }, surroundings);
  return { code, text: surroundings.stdout.text + surroundings.stderr.text };
}

Deno.test("stowage htpasswd makes a file, adds users, and changes passwords", async () => {
  await using temp = await TempFolder.make();
  const path = temp.join("users");

  assertEquals((await run([path, "alice"], { flags: ["create"], secrets: ["one"] })).code, 0);
  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  await Deno.chmod(path, 0o640);
  assertEquals((await run([path, "bob"], { secrets: ["two", "two"], isTerminal: true })).code, 0);
  const { code, text } = await run([path, "alice"], { secrets: ["three"] });

  const users = parseHtpasswd(await Deno.readTextFile(path));
  assertEquals([code, [...users.keys()]], [0, ["alice", "bob"]]);
  assertMatch(users.get("alice") ?? "", /^\$2b\$10\$/);
  assertEquals(compareSync("three", users.get("alice") ?? ""), true);
  assertEquals(compareSync("two", users.get("bob") ?? ""), true);
  assertEquals(text.includes("three"), false);
  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o640);
  assertEquals([...Deno.readDirSync(temp.path)].map(({ name }) => name), ["users"]);
});

Deno.test("stowage htpasswd takes users out", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("users", "alice:1\nbob:2\n");

  assertEquals((await run([path, "alice"], { flags: ["delete"] })).code, 0);
  assertEquals(await Deno.readTextFile(path), "bob:2\n");
  const again = await run([path, "alice"], { flags: ["delete"] });
  assertEquals(again.code, 1);
  assertStringIncludes(again.text, 'Cannot find "alice"');
});

Deno.test("stowage htpasswd changes nothing where something speaks against it", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("users", "alice:1\n");
  const missing = temp.join("missing");
  const cases = [
    [[path, "bob"], { flags: ["create"], secrets: ["x"] }, "Leave -c out"],
    [[missing, "bob"], { secrets: ["x"] }, "Add -c"],
    [[path, "a:b"], { secrets: ["x"] }, "Choose another name"],
    [[path, ""], { secrets: ["x"] }, "Choose another name"],
    [[path, "#a"], { secrets: ["x"] }, "Choose another name"],
    [[path, "bob"], {}, "no password was given"],
    [[path, "bob"], { secrets: [""] }, "no password was given"],
    [[path, "bob"], { secrets: ["x".repeat(73)] }, "at most 72 bytes"],
    [[path, "bob"], { secrets: ["x", "y"], isTerminal: true }, "not the same"],
  ] as const;
  for (const [operands, options, message] of cases) {
    const { code, text } = await run(operands, options);
    assertEquals(code, 1, text);
    assertStringIncludes(text, message);
  }
  assertEquals(await Deno.readTextFile(path), "alice:1\n");
  assertEquals((await run([path])).code, 2);
});
