import type { InstrumentTable } from "../instrument.ts";

/** The process, under the names that all Prometheus clients have for it. */
export const PROCESS_INSTRUMENTS = {
  cpu: {
    type: "counter",
    name: "process_cpu_seconds_total",
    help: "Total user and system CPU time spent in seconds.",
    labels: [],
  },
  startedAt: {
    type: "gauge",
    name: "process_start_time_seconds",
    help: "Start time of the process since unix epoch in seconds.",
    labels: [],
  },
  residentMemory: {
    type: "gauge",
    name: "process_resident_memory_bytes",
    help: "Resident memory size in bytes.",
    labels: [],
  },
  openFiles: {
    type: "gauge",
    name: "process_open_fds",
    help: "Number of open file descriptors.",
    labels: [],
  },
  maxFiles: {
    type: "gauge",
    name: "process_max_fds",
    help: "Maximum number of open file descriptors.",
    labels: [],
  },
} as const satisfies InstrumentTable;
