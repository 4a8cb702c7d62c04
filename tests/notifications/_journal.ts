import type { OutboxRow } from "../../src/notifications/outbox_row.ts";

/** An event with a number. */
export function rowOf(sequence: number, more: Partial<OutboxRow> = {}): OutboxRow {
  return { sequence, event: `{"n":${sequence}}`, atMs: 1000 + sequence, isPull: false, ...more };
}

/** Gives numbers from one on. */
export function numbering(first = 1): () => number {
  let next = first;
  return () => next++;
}
