import { assertEquals, assertThrows } from "@std/assert";
import { countJournal, readJournal } from "../../src/notifications/read_journal.ts";
import { TempFolder } from "../support/temp.ts";
import { rowOf } from "./_journal.ts";

const LINES = '1 1001 0 {"n":1}\n2 1002 1 {"n":2}\n';
const MAX = { from: 0, maxBytes: 1024 ** 2 };
const ROWS = [rowOf(1), rowOf(2, { isPull: true })];

const CASES: readonly {
  readonly title: string;
  readonly text: string;
  readonly from?: number;
  readonly expected: Partial<ReturnType<typeof readJournal>>;
}[] = [
  { title: "nothing", text: "", expected: { rows: [], to: 0, isAll: true, restBytes: 0 } },
  { title: "lines", text: LINES, expected: { rows: ROWS, to: 34, isAll: true, restBytes: 0 } },
  { title: "from a byte on", text: LINES, from: 17, expected: { rows: ROWS.slice(1), to: 34 } },
  { title: "to the zeros", text: `${LINES}\0\0\0`, expected: { rows: ROWS, to: 34, isAll: true } },
  {
    title: "a line that is cut off",
    text: `${LINES}3 1003 0 {"n\0\0`,
    expected: { rows: ROWS, to: 34, isAll: true, restBytes: 12 },
  },
  {
    title: "a line of which the machine lost a piece",
    text: `${LINES}3 1003 0 {"n\0\0}\n`,
    expected: { rows: ROWS, to: 34, restBytes: 12 },
  },
  {
    title: "a line that is none",
    text: `nonsense\n${LINES}`,
    expected: { rows: ROWS, to: 43, damaged: 1 },
  },
];

for (const { title, text, from = 0, expected } of CASES) {
  Deno.test(`readJournal reads ${title}`, async () => {
    await using folder = await TempFolder.make();
    const path = folder.join("j");
    await Deno.writeTextFile(path, text);

    const excerpt = readJournal(path, { ...MAX, from });

    assertEquals({ ...excerpt, ...expected }, excerpt);
  });
}

Deno.test("readJournal reads a long journal piece by piece, and a line that is longer than a piece", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("j");
  const events = Array.from({ length: 300 }, (_, index) => `{"n":"${"x".repeat(index * 10)}"}`);
  const text = events.map((event, index) => `${index + 1} 1 0 ${event}\n`).join("");
  await Deno.writeTextFile(path, text + "\0".repeat(50_000));

  for (const maxBytes of [100, 40_000, 1_000_000]) {
    const found: string[] = [];
    let from = 0;
    for (let isAll = false; !isAll;) {
      const excerpt = readJournal(path, { from, maxBytes });
      found.push(...excerpt.rows.map(({ event }) => event));
      assertEquals(excerpt.isAll || excerpt.to > from, true);
      ({ to: from, isAll } = excerpt);
    }
    assertEquals(found, events);
  }
});

Deno.test("readJournal fails for one that was removed, of which countJournal finds nothing", () => {
  assertThrows(() => readJournal("/nowhere", MAX), Deno.errors.NotFound);
  const counted = countJournal("/nowhere", { from: 0, sizeBytes: 10, limit: 10 });
  assertEquals(counted, { count: 0, oldestMs: undefined });
});

Deno.test("countJournal counts whole lines, to a limit, and tells when the first was recorded", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("j");
  const text = `${LINES}3 1003 0 {"n\0\0`;
  await Deno.writeTextFile(path, text);
  const count = (from: number, limit: number) =>
    countJournal(path, { from, sizeBytes: text.length, limit });

  assertEquals(count(0, 10), { count: 2, oldestMs: 1001 });
  assertEquals(count(17, 10), { count: 1, oldestMs: 1002 });
  assertEquals(count(34, 10), { count: 0, oldestMs: undefined });
  assertEquals(count(0, 1), { count: 1, oldestMs: 1001 });
});
