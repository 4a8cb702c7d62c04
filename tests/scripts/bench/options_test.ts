import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions, USAGE, UsageError } from "../../../scripts/bench/options.ts";
import { FIGURES } from "../../../scripts/bench/workload_table.ts";

Deno.test("parseOptions measures everything unless told otherwise", () => {
  assertEquals(parseOptions([]), { plan: "standard", only: [], servers: [], help: false });
});

Deno.test("parseOptions reads every argument", () => {
  const args =
    "--quick --only push --only start-empty --server stowage --stowage a/b --out c --disk d";
  assertEquals(parseOptions(args.split(" ")), {
    plan: "quick",
    only: ["push", "start-empty"],
    servers: ["stowage"],
    stowage: "a/b",
    out: "c",
    disk: "d",
    help: false,
  });
  assertEquals(parseOptions(["--full"]).plan, "full");
  assertEquals(parseOptions(["--profile", "push-100mb-1"]).profile, "push-100mb-1");
});

Deno.test("parseOptions refuses what it does not know", () => {
  const wrong = [
    ["--quick", "--full"],
    ["--only", "nothing"],
    ["--server", "nobody"],
    ["--profile", "push"],
    ["--fast"],
    ["push"],
  ];
  for (const args of wrong) assertThrows(() => parseOptions(args), UsageError);
});

Deno.test("USAGE names every figure", () => {
  assertEquals([...FIGURES.keys()].filter((name) => !USAGE.includes(`  ${name} `)), []);
});
