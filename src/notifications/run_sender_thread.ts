import { giveWay } from "../base/give_way.ts";
import { EventNumbers } from "./event_numbers.ts";
import { OutboxBook } from "./outbox_book.ts";
import { OutboxParts } from "./outbox_parts.ts";
import { type EventSender, Sender } from "./sender.ts";
import { Settler } from "./settler.ts";
import type { FromSenderThread, ToSenderThread } from "./sender_thread.ts";

/** The side of the thread's channel that leads to the main thread; `globalThis` in a worker is one. */
export interface SenderThreadScope {
  onmessage: ((event: MessageEvent<ToSenderThread>) => void) | null;
  postMessage(message: FromSenderThread): void;
}

/**
 * Sends events as it is told to, in this thread, which does nothing else.
 *
 * @param options.giveWay lets other threads go first. @default all others do, for good
 */
export function runSenderThread(
  scope: SenderThreadScope,
  options: { readonly giveWay?: () => void } = {},
): void {
  (options.giveWay ?? giveWay)();
  let sending: EventSender | undefined;
  scope.onmessage = async ({ data }) => {
    switch (data.kind) {
      case "send":
        sending = startSending(data, scope);
        break;
      case "wake":
        sending?.wake();
        break;
      case "close":
        await sending?.close();
        scope.postMessage({ kind: "closed" });
        break;
    }
  };
  scope.postMessage({ kind: "ready" });
}

function startSending(
  { endpoints, keys, path, numbers, ownedSince }: ToSenderThread & { readonly kind: "send" },
  scope: SenderThreadScope,
): EventSender {
  const book = new OutboxBook(path);
  const parts = new OutboxParts(path, book, {
    ownedSince,
    onDamage: (damage) => scope.postMessage({ kind: "damage", damage }),
  });
  const sender = new Sender(endpoints, {
    parts,
    numbers: new EventNumbers({ shared: numbers }),
    keys,
    report: (report) => scope.postMessage({ kind: "report", report }),
  });
  const settler = new Settler(parts, {
    onFailure: (reason) => scope.postMessage({ kind: "unsettled", reason }),
  });
  return {
    wake: () => sender.wake(),
    async close() {
      await Promise.all([settler.close(), sender.close()]);
      parts.close();
      book.close();
    },
  };
}
