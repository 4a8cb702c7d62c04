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
