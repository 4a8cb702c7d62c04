import { assertEquals, assertMatch } from "@std/assert";
import { renderSummary } from "../../src/cli/collect_garbage.ts";
import { runProgram } from "../../src/cli/run_program.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeSurroundings } from "./_fake_surroundings.ts";

async function writeConfig(temp: TempFolder): Promise<string> {
  const storage = { filesystem: { rootdirectory: temp.join("data") } };
  const http = { addr: "127.0.0.1:0" };
  return await temp.write("config.yml", JSON.stringify({ version: "0.1", storage, http }));
}

Deno.test("stowage garbage-collect of an empty store succeeds, and says so", async () => {
  await using temp = await TempFolder.make();
  const config = await writeConfig(temp);
  const surroundings = new FakeSurroundings();
  assertEquals(await runProgram(["garbage-collect", config], surroundings), 0);
  const expected = "\n0 blobs marked, 0 blobs and 0 manifests eligible for deletion\n";
  assertEquals(surroundings.stdout.text, expected);
  assertMatch(surroundings.stderr.text, /^freed 0 B: 0 blobs, 0 manifests and 0 links;/);
});

Deno.test("stowage garbage-collect --json tells what it came to, and nothing else", async () => {
  await using temp = await TempFolder.make();
  const config = await writeConfig(temp);
  const surroundings = new FakeSurroundings();
  assertEquals(await runProgram(["garbage-collect", "--json", "-d", config], surroundings), 0);
  const { blobs, dryRun } = JSON.parse(surroundings.stdout.text);
  assertEquals([blobs, dryRun, surroundings.stderr.text], [0, true, ""]);
});

Deno.test("renderSummary tells what was freed, or would be", () => {
  const summary = {
    repositories: 1,
    marked: 7,
    blobs: 2,
    bytes: 1500,
    manifests: 1,
    layerLinks: 3,
    referrers: 0,
  };
  const rest = "1.5 kB: 2 blobs, 1 manifests and 3 links; 7 blobs stay; 0.1 s";
  assertEquals(renderSummary(summary, { dryRun: false, durationMs: 100 }), `freed ${rest}`);
  assertEquals(renderSummary(summary, { dryRun: true, durationMs: 100 }), `would free ${rest}`);
});
