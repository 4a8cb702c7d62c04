import { assertEquals } from "@std/assert";
import {
  runSenderThread,
  type SenderThreadScope,
} from "../../src/notifications/run_sender_thread.ts";
import type { FromSenderThread, ToSenderThread } from "../../src/notifications/sender_thread.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("runSenderThread is ready, sends, is woken, and ends when it is told to", async () => {
  await using folder = await TempFolder.make();
  const told: FromSenderThread[] = [];
  const closed = Promise.withResolvers<void>();
  const scope: SenderThreadScope = {
    onmessage: null,
    postMessage(message) {
      told.push(message);
      if (message.kind === "closed") closed.resolve();
    },
  };
  runSenderThread(scope, { giveWay() {} });
  const tell = (data: ToSenderThread) => scope.onmessage?.(new MessageEvent("message", { data }));
  const path = folder.join("o.db");
  const numbers = new SharedArrayBuffer(8);
  tell({ kind: "send", endpoints: [], keys: [], path, numbers, ownedSince: 1 });
  tell({ kind: "wake" });
  tell({ kind: "close" });
  await closed.promise;

  assertEquals(told.map(({ kind }) => kind), ["ready", "closed"]);
});
