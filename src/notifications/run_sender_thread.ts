import os from "node:os";
import { EventNumbers } from "./event_numbers.ts";
import { OutboxBook } from "./outbox_book.ts";
import { OutboxParts } from "./outbox_parts.ts";
import { Sender } from "./sender.ts";
import type { FromSenderThread, ToSenderThread } from "./sender_thread.ts";

/** The side of the thread's channel that leads to the main thread; `globalThis` in a worker is one. */
export interface SenderThreadScope {
  onmessage: ((event: MessageEvent<ToSenderThread>) => void) | null;
  postMessage(message: FromSenderThread): void;
}

/** How much requests come before it on a busy processor, from 0 to 19: they get about seventy times as much. */
const NICENESS = 19;

/** How often what is written to the outbox is moved from its log, in milliseconds. */
const SETTLE_MS = 500;

/**
 * Sends events as it is told to, in this thread, which does nothing else.
 *
 * @param options.giveWay lets other threads go first. @default this thread's priority is lowered
 */
export function runSenderThread(
  scope: SenderThreadScope,
  options: { readonly giveWay?: () => void } = {},
): void {
  (options.giveWay ?? lowerPriority)();
  let stop = () => Promise.resolve();
  let wake = () => {};
  scope.onmessage = async ({ data }) => {
    switch (data.kind) {
      case "send": {
        const book = new OutboxBook(data.path);
        const parts = new OutboxParts(data.path, book);
        const sender = new Sender(data.endpoints, {
          parts,
          numbers: new EventNumbers({ shared: data.numbers }),
          keys: data.keys,
          report: (report) => scope.postMessage({ kind: "report", report }),
        });
        const settling = setInterval(() => parts.settle(), SETTLE_MS);
        wake = () => sender.wake();
        stop = async () => {
          clearInterval(settling);
          await sender.close();
          parts.close();
          book.close();
        };
        break;
      }
      case "wake":
        wake();
        break;
      case "close":
        await stop();
        scope.postMessage({ kind: "closed" });
        break;
    }
  };
  scope.postMessage({ kind: "ready" });
}

/** Lets requests go first where the processor is busy. Linux counts priorities by thread, others do not. */
function lowerPriority(): void {
  if (Deno.build.os !== "linux") return;
  try {
    os.setPriority(0, NICENESS);
  } catch {
    // Without the right to, it goes on as it is.
  }
}
