import { assertEquals } from "@std/assert";
import { ProgressBar } from "../../../scripts/bench/progress_bar.ts";

function makeBar({ isTerminal }: { readonly isTerminal: boolean }) {
  const written: string[] = [];
  let nowMs = 0;
  const bar = new ProgressBar({
    output: { isTerminal, columns: 60, write: (text) => written.push(text) },
    total: 8,
    now: () => nowMs,
  });
  const advance = (ms: number) => {
    nowMs += ms;
    bar.advance();
  };
  return { bar, written, advance };
}

Deno.test("ProgressBar shows how far it is and what is left", () => {
  const { bar, written, advance } = makeBar({ isTerminal: true });
  bar.show("one");
  for (let step = 0; step < 4; step++) advance(10_000);
  bar.show("two");
  for (let step = 0; step < 3; step++) advance(100_000);
  bar.show("three, of a longer kind than the terminal is wide");
  bar.clear();
  const clear = "\r\x1b[2K";
  assertEquals(written, [
    `${clear}${"░".repeat(24)}   0 %  one`,
    `${clear}${"█".repeat(12)}${"░".repeat(12)}  50 %, 40 s left  two`,
    `${clear}${"█".repeat(21)}${"░".repeat(3)}  87 %, 49 s left  three, of a long`,
    clear,
  ]);
});

Deno.test("ProgressBar writes notes alone where nobody watches", () => {
  const { bar, written } = makeBar({ isTerminal: false });
  bar.show("one");
  bar.note("a stage");
  bar.clear();
  assertEquals(written, ["a stage\n"]);
});
