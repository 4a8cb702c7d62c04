import { assertEquals, assertRejects } from "@std/assert";
import { toBytes, toText } from "../../src/base/bytes.ts";
import { BlockSender } from "../../src/drivers/block_sender.ts";

/** A sender of blocks of four bytes, and what it sent. */
function scene(onBlock: (text: string) => Promise<void> | void = () => {}) {
  const sent: string[] = [];
  const sender = new BlockSender({
    blockBytes: () => 4,
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
  assertEquals(toText(await sender.takeRest()), "");
  await sender.write(toBytes("cd"));
  assertEquals(sender.pendingBytes, 2);
  assertEquals(toText(await sender.takeRest()), "cd");
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
  await assertRejects(() => sender.takeRest(), Error, "no answer");
});
