import { getLogger } from "@logtape/logtape";
import { assertEquals, assertThrows } from "@std/assert";
import { NOTIFICATION_INSTRUMENTS } from "../../src/metrics/instruments/notification_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { OutboxError } from "../../src/notifications/errors.ts";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import { JournalSwitch } from "../../src/notifications/journal_switch.ts";
import { listJournals, listParts } from "../../src/notifications/outbox_files.ts";
import { OutboxBook } from "../../src/notifications/outbox_book.ts";
import { OutboxParts } from "../../src/notifications/outbox_parts.ts";
import { PartWriter, type PartWriterOptions } from "../../src/notifications/part_writer.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { rowOf } from "./_journal.ts";

function writerOf(folder: TempFolder, options: Partial<PartWriterOptions> = {}): PartWriter {
  return new PartWriter({
    path: folder.join("o.db"),
    part: "0",
    maxBytes: Infinity,
    numbers: new EventNumbers(),
    journals: journaling(),
    log: getLogger("test"),
    onEvents() {},
    ...options,
  });
}

function journaling(): JournalSwitch {
  const journals = new JournalSwitch();
  journals.turn("on");
  return journals;
}

/** What an endpoint would be sent. */
function readAll(folder: TempFolder): number[] {
  const path = folder.join("o.db");
  const book = new OutboxBook(path);
  const parts = new OutboxParts(path, book);
  parts.discover();
  const limits = { limit: 10_000, maxCharacters: 1e9 };
  const entries = parts.read("e", { positions: {}, numbers: new EventNumbers(), ...limits });
  parts.close();
  book.close();
  return entries.map(({ sequence }) => sequence);
}

Deno.test("PartWriter tells of events at once, and of those that follow together", async () => {
  await using folder = await TempFolder.make();
  const timers = new ManualTimers();
  let told = 0;
  const writer = writerOf(folder, { onEvents: () => told++, timers });
  writer.append([rowOf(1)]);
  assertEquals(told, 1);
  writer.append([rowOf(2)]);
  writer.append([rowOf(3)]);
  assertEquals(told, 1);
  await timers.pass(20);
  assertEquals(told, 2);
  await timers.pass(20);
  assertEquals(told, 2);
  await writer.sync();
  await writer.close();
});

Deno.test("PartWriter writes journals while it may, and to a part of its own otherwise", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const journals = new JournalSwitch();
  const writer = writerOf(folder, { journals });
  writer.append([rowOf(1)]);
  assertEquals([listParts(path), listJournals(path).length], [["shared-0"], 0]);

  journals.turn("on");
  const synced = writer.sync();
  writer.append([rowOf(2)]);
  await synced;
  assertEquals([listParts(path), listJournals(path).length], [["0", "shared-0"], 1]);
  journals.turn("off");
  writer.append([rowOf(3)]);
  await writer.sync();
  await writer.close();

  assertEquals(listJournals(path).length, 1);
  assertEquals(readAll(folder), [1, 2, 3]);
});

Deno.test("PartWriter counts what it cannot keep, by kind", async () => {
  await using folder = await TempFolder.make();
  const meter = createMeter();
  const writer = writerOf(folder, { maxBytes: 1, meter });
  writer.append([rowOf(1, { isPull: true })]);
  assertThrows(() => writer.append([rowOf(3)]), OutboxError, "the outbox has reached its size");

  const dropped = (kind: string) =>
    sumOf(meter.snapshot(), NOTIFICATION_INSTRUMENTS.dropped, { kind });
  assertEquals([dropped("pull"), dropped("other")], [1, 1]);
  await writer.close();
});

/** Appends events until one is dropped or refused; gives how many were recorded. */
function fill(writer: PartWriter, options: { isPull: boolean; dropped: () => number }): number {
  const before = options.dropped();
  const event = `{"x":"${"x".repeat(700)}"}`;
  for (let count = 0; count < 10_000; count++) {
    try {
      writer.append([rowOf(count, { isPull: options.isPull, event })]);
    } catch {
      return count;
    }
    if (options.dropped() > before) return count;
  }
  throw new Error("the outbox has no limit");
}

for (const state of ["on", "off"] as const) {
  Deno.test(`PartWriter keeps its limit with journals ${state}: pulls go first, and come to an end`, async () => {
    await using folder = await TempFolder.make();
    const path = folder.join("o.db");
    const maxBytes = 2_000_000;
    const meter = createMeter();
    const journals = new JournalSwitch();
    journals.turn(state);
    const writer = writerOf(folder, { maxBytes, meter, journals });
    const dropped = () => sumOf(meter.snapshot(), NOTIFICATION_INSTRUMENTS.dropped, {});
    const book = new OutboxBook(path);
    const parts = new OutboxParts(path, book, { ownedSince: 1 });
    const settle = async () => {
      parts.discover();
      while (await parts.settle({ isThorough: true }));
    };

    const pulls = fill(writer, { isPull: true, dropped });
    assertEquals(parts.sizeBytes < maxBytes, true);
    assertEquals(pulls > 200, true);
    await settle();
    const pushes = fill(writer, { isPull: false, dropped });
    assertEquals(pushes > 20, true);
    for (let rounds = 0; rounds < 1000; rounds++) {
      await settle();
      if (fill(writer, { isPull: false, dropped }) === 0) break;
    }

    assertThrows(() => writer.append([rowOf(1)]), OutboxError, "reached its size");
    // A little more, as it is measured now and then.
    assertEquals(parts.sizeBytes < maxBytes * 1.2, true);
    assertEquals(readAll(folder).length > pushes, true);
    parts.close();
    book.close();
    await writer.close();
  });
}
