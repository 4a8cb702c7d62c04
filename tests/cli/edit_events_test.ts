import { assertEquals, assertStringIncludes } from "@std/assert";
import { EVENTS_COMMAND } from "../../src/cli/edit_events.ts";
import { OutboxBook } from "../../src/notifications/outbox_book.ts";
import { OutboxPart } from "../../src/notifications/outbox_part.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeSurroundings } from "./_fake_surroundings.ts";

/** Runs the command; gives its exit code, the lines that it printed, and what it complained of. */
async function run(
  ...operands: readonly string[]
): Promise<{ readonly code: number; readonly lines: readonly string[]; readonly errors: string }> {
  const surroundings = new FakeSurroundings();
  const code = await EVENTS_COMMAND.run({ operands, flags: new Set() }, surroundings);
  const { stdout, stderr } = surroundings;
  return { code, lines: stdout.text.split("\n").slice(0, -1), errors: stderr.text };
}

/** A configuration whose outbox is in the folder. */
async function configure(folder: TempFolder): Promise<string> {
  const outbox = JSON.stringify(folder.join("o.db"));
  const text = `version: 0.1\nstorage: inmemory\nnotifications: { outbox: { path: ${outbox} } }\n`;
  return await folder.write("config.yml", text);
}

Deno.test("EVENTS_COMMAND takes an action and a configuration", () => {
  assertEquals(EVENTS_COMMAND.operands, ["ACTION", "CONFIG"]);
});

Deno.test("stowage events says what it can do where it is asked for something else", async () => {
  await using folder = await TempFolder.make();
  const { code, errors } = await run("resend", await configure(folder));

  assertEquals(code, 2);
  assertStringIncludes(errors, 'cannot do "resend": say list, replay or drop');
});

Deno.test("stowage events makes no outbox where there is none", async () => {
  await using folder = await TempFolder.make();
  const config = await configure(folder);

  for (const action of ["list", "replay", "drop"]) {
    const { code, lines } = await run(action, config);
    assertEquals([code, lines], [0, ["no events: there is no outbox"]]);
  }
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["config.yml"]);
});

Deno.test("stowage events lists what waits and dead letters, and sends these again or forgets them", async () => {
  await using folder = await TempFolder.make();
  const config = await configure(folder);
  const path = folder.join("o.db");
  const book = new OutboxBook(path);
  book.setEndpoints(["a"], {});
  const death = { reason: "refused", tries: 2, atMs: 0 };
  const bury = () => book.bury("a", { events: ['{"id":"1"}'], positions: {}, death });
  bury();
  const part = new OutboxPart(`${path}.0`);
  part.append([{ sequence: 1, event: '{"id":"2"}', atMs: 1000, isPull: false }]);
  part.close();

  const { lines } = await run("list", config);
  assertEquals(lines.map((line) => JSON.parse(line)), [
    { endpoint: "a", pending: 1, oldest: "1970-01-01T00:00:01.000Z" },
    {
      deadLetter: 1,
      endpoint: "a",
      reason: "refused",
      tries: 2,
      since: "1970-01-01T00:00:00.000Z",
      event: { id: "1" },
    },
  ]);
  assertEquals((await run("replay", config)).lines, ["1 events will be sent again"]);
  assertEquals((await run("drop", config)).lines, ["0 events forgotten"]);
  bury();
  book.close();
  assertEquals((await run("drop", config)).lines, ["1 events forgotten"]);
  const left = (await run("list", config)).lines.map((line) => JSON.parse(line));
  assertEquals(left.map(({ endpoint, pending }) => [endpoint, pending]), [["a", 2]]);
});
