import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { runBench, type RunOptions } from "../../../scripts/bench/run_bench.ts";
import { TempFolder } from "../../support/temp.ts";
import { testWith } from "../../support/tools.ts";
import { SMALLEST_PLAN } from "./_stand.ts";

function optionsFor(folder: string, lines: string[]): RunOptions {
  return {
    plan: SMALLEST_PLAN,
    only: ["tags-first-page", "start-empty"],
    servers: ["stowage"],
    stowage: join(import.meta.dirname ?? ".", "_registry_program.ts"),
    folder,
    output: { isTerminal: false, columns: 80, write: (text) => lines.push(text) },
    signal: new AbortController().signal,
  };
}

testWith(["linux"], {
  name: "runBench measures with small and with grown storage, and removes both",
  fn: async () => {
    await using temp = await TempFolder.make();
    const lines: string[] = [];
    const results = await runBench(optionsFor(temp.path, lines));
    assertEquals(
      results.samples.map(({ figure, size, server, round }) => ({ figure, size, server, round })),
      [
        { figure: "start-empty", size: undefined, server: "stowage", round: 1 },
        { figure: "tags-first-page", size: 100, server: "stowage", round: 1 },
      ],
    );
    for (const { value } of results.samples) assertGreater(value, 0);
    assertEquals(results.servers.map(({ kind }) => kind), ["stowage"]);
    assertGreater(results.client.push, 0);
    const left = (await Array.fromAsync(Deno.readDir(temp.path))).map(({ name }) => name);
    assertEquals(left.filter((name) => !name.endsWith(".yml")), []);
    assertEquals(lines.some((line) => line.startsWith("Small storage: 1 figure, 1 round")), true);
  },
});

testWith(["linux"], {
  name: "runBench leaves out a server that does not start",
  fn: async () => {
    await using temp = await TempFolder.make();
    const stowage = await temp.write("broken.ts", 'throw new Error("broken on purpose");');
    const only = ["tags-first-page"];
    const results = await runBench({ ...optionsFor(temp.path, []), stowage, only });
    assertEquals(results.samples, []);
    const [{ what, reason } = { what: "", reason: "" }] = results.leftOut;
    assertEquals([what, reason.includes("broken on purpose")], ["Stowage", true]);
  },
});

testWith(["linux"], {
  name: "runBench ends when it is told to",
  fn: async () => {
    await using temp = await TempFolder.make();
    const options = { ...optionsFor(temp.path, []), signal: AbortSignal.abort() };
    await assertRejects(() => runBench(options), DOMException, "aborted");
  },
});
