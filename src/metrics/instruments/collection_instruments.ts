import type { InstrumentTable } from "../instrument.ts";

/** The collector of garbage beside requests. */
export const COLLECTION_INSTRUMENTS = {
  /** `result` is `ok` or `failed`. */
  runs: {
    type: "counter",
    name: "stowage_garbage_collection_runs_total",
    help: "Runs of the garbage collector in this replica.",
    labels: ["result"],
  },
  blobs: {
    type: "counter",
    name: "stowage_garbage_collection_blobs_total",
    help: "Blobs that the garbage collector removed for good.",
    labels: [],
  },
  bytes: {
    type: "counter",
    name: "stowage_garbage_collection_bytes_total",
    help: "Bytes of the blobs that the garbage collector removed for good.",
    labels: [],
  },
  restored: {
    type: "counter",
    name: "stowage_garbage_collection_restored_total",
    help: "Files that the garbage collector had put aside and brought back.",
    labels: [],
  },
  endedAt: {
    type: "gauge",
    name: "stowage_garbage_collection_last_run_timestamp_seconds",
    help:
      "When this replica last ended a run of the garbage collector, in seconds since the epoch.",
    labels: [],
  },
} as const satisfies InstrumentTable;
