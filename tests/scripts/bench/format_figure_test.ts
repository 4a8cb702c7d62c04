import { assertEquals } from "@std/assert";
import {
  formatCpu,
  formatNumber,
  formatRatio,
  formatTable,
  markdownTable,
} from "../../../scripts/bench/format_figure.ts";

Deno.test("formatNumber keeps three digits", () => {
  const values = [0, 0.01234, 1.234, 12.34, 123.4, 1234, 12_345, 1_234_567, 999.9];
  assertEquals(values.map(formatNumber), [
    "0",
    "0.0123",
    "1.23",
    "12.3",
    "123",
    "1,230",
    "12,300",
    "1,230,000",
    "1,000",
  ]);
});

Deno.test("formatRatio has two digits behind the point where they matter", () => {
  assertEquals([1.234, 12.34, 123.4].map(formatRatio), ["1.23x", "12.3x", "123x"]);
});

Deno.test("formatCpu chooses the unit", () => {
  assertEquals([0.085, 1.2].map(formatCpu), ["85.0 µs", "1.20 ms"]);
});

Deno.test("formatTable aligns columns", () => {
  assertEquals(
    formatTable([["name", "n"], ["a", "100"], ["long", ""]]),
    "name    n\na     100\nlong",
  );
});

Deno.test("markdownTable has a rule under its head", () => {
  assertEquals(markdownTable([["a", "b"], ["1", "2"]]), "| a | b |\n| --- | --: |\n| 1 | 2 |");
});
