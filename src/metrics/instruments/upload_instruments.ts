import type { InstrumentTable } from "../instrument.ts";

/** Uploads that come in, and the purging of those that nobody ended. */
export const UPLOAD_INSTRUMENTS = {
  bytes: {
    type: "counter",
    name: "stowage_upload_bytes_total",
    help: "Bytes of blobs that clients sent.",
    labels: [],
  },
  /** `result` is `ok` or `failed`: whether the run as a whole came to its end. */
  purgeRuns: {
    type: "counter",
    name: "stowage_upload_purge_runs_total",
    help: "Runs of the purge of abandoned uploads.",
    labels: ["result"],
  },
  /** `result` is `purged`, `would_purge` in a dry run, or `failed`. */
  purged: {
    type: "counter",
    name: "stowage_upload_purged_total",
    help: "Abandoned uploads that were purged, or could not be.",
    labels: ["result"],
  },
  purgedAt: {
    type: "gauge",
    name: "stowage_upload_purge_last_run_timestamp_seconds",
    help: "When the last run of the purge ended, in seconds since the epoch; 0 before the first.",
    labels: [],
  },
} as const satisfies InstrumentTable;
