import { assertEquals, assertRejects } from "@std/assert";
import { toBytes, toText } from "../../src/base/bytes.ts";
import { BlockSender } from "../../src/drivers/block_sender.ts";
import { PartBudget } from "../../src/drivers/part_budget.ts";
import { ManualTimers } from "../support/manual_timers.ts";

/** The rest that a sender has not sent. */
function restOf(sender: BlockSender): Promise<string> {
  return sender.useRest((rest) => Promise.resolve(toText(rest)));
}

/** A sender of blocks of four bytes, and what it sent. */
function scene(
  onBlock: (text: string) => Promise<void> | void = () => {},
  budget = new PartBudget({ limitBytes: 100, timers: new ManualTimers() }),
) {
  const sent: string[] = [];
  const sender = new BlockSender({
    blockBytes: () => 4,
    budget,
    async send(block) {
      await onBlock(toText(block));
      sent.push(toText(block));
    },
  });
  return { sender, sent };
}

Deno.test("BlockSender cuts what is written into blocks, and gives the rest", async () => {
  const { sender, sent } = scene();
  for (const chunk of ["0", "123456789", "", "ab"]) await sender.write(toBytes(chunk));
  assertEquals(await restOf(sender), "");
  await sender.write(toBytes("cd"));
  assertEquals(sender.pendingBytes, 2);
  assertEquals(await restOf(sender), "cd");
  assertEquals([sent, sender.pendingBytes], [["0123", "4567", "89ab"], 0]);
});

Deno.test("BlockSender fills one block while another is on its way, no more", async () => {
  const arriving = Promise.withResolvers<void>();
  const { sender, sent } = scene(() => arriving.promise);
  await sender.write(toBytes("0123"));
  await sender.write(toBytes("456"));
  assertEquals(sender.pendingBytes, 7);
  const waiting = sender.write(toBytes("7"));
  assertEquals(sent, []);
  arriving.resolve();
  await waiting;
  await sender.settle();
  assertEquals(sent, ["0123", "4567"]);
});

Deno.test("BlockSender sends nothing more after a failure", async () => {
  const { sender, sent } = scene((text) => {
    if (text === "4567") throw new Error("no answer");
  });
  // Whether it hears of it already depends on who is faster.
  await sender.write(toBytes("01234567")).catch(() => {});
  await sender.settle();
  assertEquals([sent, sender.pendingBytes], [["0123"], 0]);
  await assertRejects(() => sender.write(toBytes("8")), Error, "no answer");
  await assertRejects(() => restOf(sender), Error, "no answer");
});

Deno.test("BlockSender waits for memory that other senders have, and gives back its own", async () => {
  const budget = new PartBudget({ limitBytes: 4, timers: new ManualTimers() });
  const arriving = Promise.withResolvers<void>();
  const one = scene(() => arriving.promise, budget);
  const other = scene(undefined, budget);
  await one.sender.write(toBytes("0123"));
  let waits = true;
  const writing = other.sender.write(toBytes("ab")).then(() => waits = false);
  await Promise.resolve();
  assertEquals([waits, other.sender.pendingBytes], [true, 0]);
  arriving.resolve();
  await writing;
  assertEquals(await restOf(other.sender), "ab");
  await one.sender.write(toBytes("4"));
  await one.sender.settle();
  assertEquals(one.sender.pendingBytes, 0);
  await other.sender.write(toBytes("cdef"));
  assertEquals([one.sent, other.sent], [["0123"], ["cdef"]]);
});
