import type { InstrumentTable } from "../instrument.ts";

/** The program itself and what it does beside requests; Distribution has nothing of the kind. */
export const PROGRAM_INSTRUMENTS = {
  /** Always 1; its label tells the version. */
  build: {
    type: "gauge",
    name: "stowage_build_info",
    help: "The version of the program, as a label; the value is 1.",
    labels: ["version"],
  },
  threads: {
    type: "gauge",
    name: "stowage_serving_threads",
    help: "Threads that serve requests now.",
    labels: [],
  },
  threadRestarts: {
    type: "counter",
    name: "stowage_serving_thread_restarts_total",
    help: "Serving threads that failed and were replaced.",
    labels: [],
  },
  eventLoopDelay: {
    type: "histogram",
    name: "stowage_event_loop_delay_seconds",
    help: "How late each thread's timers come, sampled twice a second.",
    labels: [],
    buckets: [.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5],
  },
  healthCheck: {
    type: "gauge",
    name: "stowage_health_check_up",
    help: "1 while a health check passes, 0 while it fails.",
    labels: ["check"],
  },
  readOnly: {
    type: "gauge",
    name: "stowage_read_only",
    help: "1 while the registry refuses every write.",
    labels: [],
  },
} as const satisfies InstrumentTable;
