import type { Logger } from "@logtape/logtape";
import type { Config } from "../config/config.ts";
import type { Meter } from "../metrics/meter.ts";
import { Deliveries } from "../notifications/deliveries.ts";
import type { EventSource } from "../notifications/event.ts";
import { BatchingRecorder, type CommitEvents } from "../notifications/recorder.ts";
import { selectEvents } from "../notifications/select_events.ts";

/** File of the outbox, beside the data. */
const OUTBOX_FILE = "stowage-outbox.db";

/** An outbox that is in memory alone. */
export const MEMORY_OUTBOX = ":memory:";

/** Where events are kept until they are sent. */
export function outboxPath({ notifications, storage }: Config): string {
  const { path } = notifications.outbox;
  if (path !== undefined) return path;
  if (storage.driver.name !== "filesystem") return MEMORY_OUTBOX;
  return `${storage.driver.rootDirectory.replace(/\/+$/, "")}/${OUTBOX_FILE}`;
}

/**
 * Begins to send events, for a whole process.
 *
 * @returns `undefined` where the configuration names no endpoint
 * @throws {OutboxError} failed: the outbox cannot be opened
 */
export function startDeliveries(
  config: Config,
  { log, meter }: { readonly log: Logger; readonly meter?: Meter | undefined },
): Deliveries | undefined {
  const { endpoints, outbox } = config.notifications;
  if (endpoints.length === 0) return undefined;
  const path = outboxPath(config);
  if (path === MEMORY_OUTBOX) {
    log.warn("events are kept in memory, and lost when the program ends: set a file", {
      "config.key": "notifications.outbox.path",
    });
  } else {
    Deno.mkdirSync(path.replace(/[^/]*$/, "") || ".", { recursive: true });
  }
  return new Deliveries(endpoints, { path, maxBytes: outbox.maxBytes, log, meter });
}

/** Options of {@linkcode buildRecorder}. */
export interface BuildRecorderOptions {
  readonly log: Logger;
  /** This start of the program, as in the log. */
  readonly instanceId: string;
  /** Writes to the outbox of the process. */
  readonly commit: CommitEvents;
}

/** What records the events of one thread; `undefined` where nobody wants any. */
export function buildRecorder(
  { notifications, http }: Config,
  { log, instanceId, commit }: BuildRecorderOptions,
): BatchingRecorder | undefined {
  const { endpoints, events, outbox, pulls } = notifications;
  if (endpoints.length === 0) return undefined;
  return new BatchingRecorder({
    commit,
    log,
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
