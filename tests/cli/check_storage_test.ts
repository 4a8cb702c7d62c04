import { assertEquals } from "@std/assert";
import { runProgram } from "../../src/cli/run_program.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeSurroundings } from "./_fake_surroundings.ts";

Deno.test("stowage check finds what is wrong, and repairs it when asked to", async () => {
  await using temp = await TempFolder.make();
  const storage = { filesystem: { rootdirectory: temp.join("data") } };
  const http = { addr: "127.0.0.1:0" };
  const config = JSON.stringify({ version: "0.1", storage, http });
  const path = await temp.write("config.yml", config);
  const hex = "a".repeat(64);
  const blob = `/docker/registry/v2/blobs/sha256/aa/${hex}/data`;
  await temp.write(`data${blob}`, "something else");
  const runs = [
    { args: ["check", path], code: 1 },
    { args: ["check", "--repair", path], code: 0 },
    { args: ["check", path], code: 0 },
  ];
  for (const { args, code } of runs) {
    assertEquals(await runProgram(args, new FakeSurroundings()), code, args.join(" "));
  }
});

Deno.test("stowage check --json prints each problem as a line of JSON", async () => {
  await using temp = await TempFolder.make();
  const storage = { filesystem: { rootdirectory: temp.join("data") } };
  const http = { addr: "127.0.0.1:0" };
  const path = await temp.write("c.yml", JSON.stringify({ version: "0.1", storage, http }));
  const blob = `/docker/registry/v2/blobs/sha256/aa/${"a".repeat(64)}/data`;
  await temp.write(`data${blob}`, "something else");
  const surroundings = new FakeSurroundings();
  assertEquals(await runProgram(["check", "--json", path], surroundings), 1);
  const digest = `sha256:${"a".repeat(64)}`;
  const expected = { code: "damaged_blob", path: blob, digest, repaired: false };
  assertEquals(JSON.parse(surroundings.stdout.text), expected);
  assertEquals(surroundings.stderr.text, "1 problems, 0 repaired\n");
});

Deno.test("stowage check shows at a terminal how far it is, and leaves nothing of it", async () => {
  await using temp = await TempFolder.make();
  const storage = { filesystem: { rootdirectory: temp.join("data") } };
  const http = { addr: "127.0.0.1:0" };
  const path = await temp.write("c.yml", JSON.stringify({ version: "0.1", storage, http }));
  await temp.write(`data/docker/registry/v2/blobs/sha256/aa/${"a".repeat(64)}/data`, "x");
  const surroundings = Object.assign(new FakeSurroundings(), { stderrIsTerminal: true });
  await runProgram(["check", path], surroundings);
  const [line, cleared, rest] = surroundings.stderr.text.split("\r\x1b[2K").slice(-3);
  assertEquals([line, cleared, rest], ["", "blobs: 1", "1 problems, 0 repaired\n"]);
});
