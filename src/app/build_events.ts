import type { Logger } from "@logtape/logtape";
import type { Config } from "../config/config.ts";
import type { Meter } from "../metrics/meter.ts";
import { Deliveries } from "../notifications/deliveries.ts";
import type { EventSource } from "../notifications/event.ts";
import { EventNumbers } from "../notifications/event_numbers.ts";
import { JournalSwitch } from "../notifications/journal_switch.ts";
import { PartWriter } from "../notifications/part_writer.ts";
import { Recorder } from "../notifications/recorder.ts";
import { selectEvents } from "../notifications/select_events.ts";

/** File of the outbox, beside the data. */
const OUTBOX_FILE = "stowage-outbox.db";

/** Of the room for events so much is for dead letters. */
const DEAD_SHARE = 0.2;

/** Where events are kept until they are sent; `undefined` where the configuration names no place. */
export function outboxPath({ notifications, storage }: Config): string | undefined {
  const { path } = notifications.outbox;
  if (path !== undefined) return path;
  if (storage.driver.name !== "filesystem") return undefined;
  return `${storage.driver.rootDirectory.replace(/\/+$/, "")}/${OUTBOX_FILE}`;
}

/** The part of the outbox that a thread writes to. */
export interface OutboxShare {
  /** File of the outbox' book. */
  readonly path: string;
  /** Name of the part. */
  readonly part: string;
  /** Most bytes that its events may take. */
  readonly maxBytes: number;
  /** See `notifications/event_numbers.ts`. */
  readonly numbers: SharedArrayBuffer;
  /** See `notifications/journal_switch.ts`. */
  readonly journals: SharedArrayBuffer;
}

/** The outbox of a process, and what sends its events. */
export interface EventDispatch {
  /** What the thread with this index, of so many, writes to. */
  share(index: number, threads: number): OutboxShare;
  /** There are new events. */
  wake(): void;
  close(): Promise<void>;
}

/**
 * Begins to send events, for a whole process.
 *
 * @returns `undefined` where the configuration names no endpoint
 * @throws {OutboxError} failed: the outbox cannot be opened
 */
export function startDeliveries(
  config: Config,
  { log, meter, workerEntry }: {
    readonly log: Logger;
    readonly meter?: Meter | undefined;
    /** Module that sends events when it is run as a worker. @default they are sent from this thread */
    readonly workerEntry?: string | undefined;
  },
): EventDispatch | undefined {
  const { endpoints, outbox } = config.notifications;
  if (endpoints.length === 0) return undefined;
  const { path, remove } = openPlace(config, log);
  const maxDeadBytes = outbox.maxBytes * DEAD_SHARE;
  const deliveries = new Deliveries(endpoints, { path, maxDeadBytes, log, meter, workerEntry });
  return {
    share: (index, threads) => ({
      path,
      part: String(index),
      maxBytes: outbox.maxBytes * (1 - DEAD_SHARE) / threads,
      numbers: deliveries.numbers.shared,
      journals: deliveries.journals.shared,
    }),
    wake: () => deliveries.wake(),
    async close() {
      await deliveries.close();
      remove();
    },
  };
}

/** The folder of the outbox; one that nobody named is removed at the end. */
function openPlace(
  config: Config,
  log: Logger,
): { readonly path: string; readonly remove: () => void } {
  const path = outboxPath(config);
  if (path !== undefined) {
    Deno.mkdirSync(path.replace(/[^/]*$/, "") || ".", { recursive: true });
    return { path, remove() {} };
  }
  log.warn("events wait in a temporary folder, and are lost when the program ends: set a file", {
    "config.key": "notifications.outbox.path",
  });
  const folder = Deno.makeTempDirSync({ prefix: "stowage-" });
  return {
    path: `${folder}/${OUTBOX_FILE}`,
    remove: () => Deno.removeSync(folder, { recursive: true }),
  };
}

/** Options of {@linkcode buildRecorder}. */
export interface BuildRecorderOptions {
  readonly log: Logger;
  readonly meter?: Meter | undefined;
  /** This start of the program, as in the log. */
  readonly instanceId: string;
  /** What this thread writes to. */
  readonly share: OutboxShare;
  /** Is told of new events. */
  readonly onEvents: () => void;
}

/**
 * What records the events of one thread.
 * @throws {OutboxError} failed: the outbox cannot be opened
 */
export function buildRecorder(
  { notifications, http }: Config,
  { log, meter, instanceId, share, onEvents }: BuildRecorderOptions,
): Recorder {
  const { endpoints, events, outbox, pulls } = notifications;
  const { path, part, maxBytes } = share;
  const numbers = new EventNumbers({ shared: share.numbers });
  const journals = new JournalSwitch(share.journals);
  return new Recorder({
    writer: new PartWriter({ path, part, maxBytes, numbers, journals, log, meter, onEvents }),
    numbers,
    source: { addr: sourceAddress(http.addr), instanceID: instanceId },
    includeReferences: events.includeReferences,
    wants: selectEvents(endpoints, { pulls, random: Math.random }),
    durablePulls: outbox.pulls === "durable",
    refuse: outbox.full === "refuse",
  });
}

/** Source: reference of Distribution, "Request and envelope", `source.addr`. */
function sourceAddress(addr: string): EventSource["addr"] {
  try {
    return Deno.hostname() + addr.slice(addr.lastIndexOf(":"));
  } catch {
    return addr;
  }
}
