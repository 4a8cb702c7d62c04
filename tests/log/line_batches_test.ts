import { assertEquals } from "@std/assert";
import { type LineBatch, LineBatches } from "../../src/log/line_batches.ts";

function textOf(batches: readonly LineBatch[]): string {
  return batches.map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
}

Deno.test("LineBatches gives lines in their order, many in one batch", () => {
  const batches = new LineBatches();
  assertEquals([batches.isEmpty, batches.take()], [true, []]);
  for (const line of ["one", "", "größer", "\u{1F600}"]) batches.add(line);
  assertEquals(batches.isEmpty, false);
  const taken = batches.take();
  assertEquals([taken.length, taken[0]?.lines], [1, 4]);
  assertEquals(textOf(taken), "one\n\ngrößer\n\u{1F600}\n");
  assertEquals(batches.isEmpty, true);
});

Deno.test("LineBatches has room for lines of any length", () => {
  const batches = new LineBatches();
  const lines = Array.from({ length: 40 }, (_, index) => "é".repeat(index * 5000));
  for (const line of lines) batches.add(line);
  assertEquals(textOf(batches.take()), lines.map((line) => `${line}\n`).join(""));
});

Deno.test("LineBatches uses bytes again only when they were given back", () => {
  const batches = new LineBatches();
  batches.add("first");
  const first = batches.take();
  batches.add("second");
  assertEquals(textOf(first), "first\n");
  const second = batches.take();
  for (const batch of [...first, ...second]) batches.giveBack(batch);
  batches.add("third");
  const third = batches.take();
  assertEquals(textOf(third), "third\n");
  assertEquals(third[0]?.bytes.buffer, second[0]?.bytes.buffer);
});
