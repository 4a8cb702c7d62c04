import { assertEquals } from "@std/assert";
import { runProgram } from "../../src/cli/run_program.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeSurroundings } from "./_fake_surroundings.ts";

const REPOSITORIES = "data/docker/registry/v2/repositories";

async function makeStore(temp: TempFolder): Promise<string> {
  for (const name of ["team/app", "team/app/deep", "other"]) {
    await temp.write(`${REPOSITORIES}/${name}/_layers/sha256/${"a".repeat(64)}/link`, "x");
  }
  const storage = { filesystem: { rootdirectory: temp.join("data") } };
  const http = { addr: "127.0.0.1:0" };
  return await temp.write("config.yml", JSON.stringify({ version: "0.1", storage, http }));
}

/** What a command prints, and its exit code. */
async function run(...args: string[]) {
  const surroundings = new FakeSurroundings();
  const code = await runProgram(args, surroundings);
  return { code, out: surroundings.stdout.text, err: surroundings.stderr.text };
}

Deno.test("stowage repository list prints all repositories", async () => {
  await using temp = await TempFolder.make();
  const config = await makeStore(temp);
  const out = "other\nteam/app\nteam/app/deep\n";
  assertEquals(await run("repository", "list", config), { code: 0, out, err: "" });
});

Deno.test("stowage repository delete removes one, and none below it", async () => {
  await using temp = await TempFolder.make();
  const config = await makeStore(temp);
  const deleted = await run("repository", "delete", "team/app", config);
  assertEquals(deleted, { code: 0, out: "deleted team/app\n", err: "" });
  assertEquals((await run("repository", "list", config)).out, "other\nteam/app/deep\n");
  const again = await run("repository", "delete", "team/app", config);
  const err = 'cannot delete "team/app": there is no such repository\n';
  assertEquals(again, { code: 1, out: "", err });
});

Deno.test("stowage repository says what it does not understand", async () => {
  await using temp = await TempFolder.make();
  const config = await makeStore(temp);
  const cases = [
    { args: ["rename", config], err: 'stowage: cannot do "rename": say list or delete\n' },
    { args: ["delete", "Team", config], err: 'stowage: cannot delete "Team": it is no name\n' },
    { args: ["delete"], err: 'stowage: cannot delete "": it is no name\n' },
    { args: ["list", "a", config], err: 'stowage: cannot list "a": list takes no name\n' },
  ];
  for (const { args, err } of cases) {
    assertEquals(await run("repository", ...args), { code: 2, out: "", err });
  }
  assertEquals((await run("repository", "list", config)).out.split("\n").length, 4);
});
