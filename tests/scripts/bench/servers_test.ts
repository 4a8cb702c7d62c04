import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  benchConfig,
  findContestants,
  prepareServer,
  startServer,
  stowageFromSource,
} from "../../../scripts/bench/servers.ts";
import { TempFolder } from "../../support/temp.ts";
import { findProgram } from "../../support/tools.ts";
import { CONTESTANT } from "./_stand.ts";

Deno.test("startServer runs a registry on its folder until the block is left", async () => {
  await using temp = await TempFolder.make();
  let url = "";
  {
    const root = await temp.folder("root");
    await using server = await startServer(CONTESTANT, { folder: temp.path, root });
    url = server.url;
    const upload = await fetch(`${url}/v2/app/blobs/uploads/`, { method: "POST" });
    assertEquals(upload.status, 202);
    await upload.body?.cancel();
    const made = await Array.fromAsync(Deno.readDir(root));
    assertEquals(made.map(({ name }) => name), ["docker"]);
  }
  await assertRejects(() => fetch(url));
});

Deno.test("prepareServer writes one configuration for all, and what is asked for besides", async () => {
  await using temp = await TempFolder.make();
  const options = { folder: temp.path, root: "/data", http: { workers: 1 } };
  const { args, address } = await prepareServer(CONTESTANT, options);
  const config = JSON.parse(await Deno.readTextFile(args.at(-1) ?? ""));
  const addr = `127.0.0.1:${address.port}`;
  assertEquals(config, benchConfig(addr, { root: "/data", http: { workers: 1 } }));
  assertEquals(config.http, { addr, secret: "benchmark", workers: 1 });
  assertEquals(config.log, { level: "error", accesslog: { disabled: true } });
});

Deno.test("findContestants takes what is installed and tells what is not", async () => {
  await using temp = await TempFolder.make();
  const executable = await temp.write("stowage", "#!/bin/sh\n");
  const { contestants, leftOut } = await findContestants(executable);
  const [stowage, ...others] = contestants;
  assertEquals([stowage?.command, stowage?.args], [executable, ["serve"]]);
  const installed = [
    ...findProgram("registry") === undefined ? [] : ["distribution3"],
    ...findProgram("docker-registry") === undefined ? [] : ["distribution2"],
  ];
  assertEquals(others.map(({ kind }) => kind), installed);
  assertEquals(leftOut.length, 2 - installed.length);
  for (const { version } of others) assertMatch(version, /^v?[23]\./);
});

Deno.test("findContestants runs an entry in TypeScript from source", async () => {
  await using temp = await TempFolder.make();
  const entry = await temp.write("entry.ts", "");
  const { contestants: [stowage] } = await findContestants(entry);
  assertEquals(stowage?.command, Deno.execPath());
  assertEquals(stowage?.args.slice(-2), [entry, "serve"]);
});

Deno.test("stowageFromSource puts flags before the program", async () => {
  const { args } = await stowageFromSource("main.ts", ["--cpu-prof"]);
  assertEquals(args[0], "run");
  assertEquals(args.slice(-3), ["--cpu-prof", "main.ts", "serve"]);
});
