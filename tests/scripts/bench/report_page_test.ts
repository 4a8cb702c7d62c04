import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { compare } from "../../../scripts/bench/comparison.ts";
import { drawPlots } from "../../../scripts/bench/plots.ts";
import { measuredPart, replacePart, writeReport } from "../../../scripts/bench/report_page.ts";
import { TempFolder } from "../../support/temp.ts";
import { RESULTS, SAMPLES } from "./_samples.ts";

const BEGIN = "<!-- measured: begin; written by `deno task bench` -->";
const END = "<!-- measured: end -->";

Deno.test("replacePart keeps what is outside of the marks", () => {
  const page = `before\n${BEGIN}\nold\n${END}\nafter\n`;
  assertEquals(replacePart(page, "new"), `before\n${BEGIN}\n\nnew\n\n${END}\nafter\n`);
  assertThrows(() => replacePart("no marks", "new"), Error, "measured: begin");
});

Deno.test("measuredPart has targets, figures, machine and what was left out", () => {
  const comparisons = compare(SAMPLES);
  const part = measuredPart(RESULTS, { comparisons, plots: drawPlots(comparisons) });
  for (
    const text of [
      "| manifest GET by tag | 9,000 requests/s | 2,000 requests/s | 4.50x | 4x | yes |",
      "![Small requests, 32 connections, requests/s](performance/requests.svg)",
      "### Lists",
      "| Stowage | 1.2.3, executable |",
      "- Distribution 2.8.2: not installed\n",
    ]
  ) assertStringIncludes(part, text);
  assertEquals(part.includes("### Images"), false);
});

Deno.test("writeReport writes a page that is formatted, drawings and raw data", async () => {
  await using temp = await TempFolder.make();
  const paths = await writeReport(RESULTS, temp.path);
  const files = paths.map((path) => path.slice(temp.path.length + 1));
  assertEquals(files.slice(0, 3), [
    "performance.md",
    "performance/results.json",
    "performance/ratios.svg",
  ]);
  const page = await Deno.readTextFile(temp.join("performance.md"));
  const images = [...page.matchAll(/\]\((performance\/[^)]*\.svg)\)/g)].map(([, file]) => file);
  assertEquals(images.toSorted(), files.slice(2).toSorted());
  const data = JSON.parse(await Deno.readTextFile(temp.join("performance/results.json")));
  assertEquals(data, RESULTS);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--check", ...paths],
    stdout: "null",
    stderr: "null",
  }).output();
  assertEquals(success, true);

  await Deno.writeTextFile(temp.join("performance.md"), `${page}\nBy hand.\n`);
  await writeReport(RESULTS, temp.path);
  assertEquals(await Deno.readTextFile(temp.join("performance.md")), `${page}\nBy hand.\n`);
});
