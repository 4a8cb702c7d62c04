import type { InstrumentTable } from "../instrument.ts";

/** The connection to Redis. */
export const REDIS_INSTRUMENTS = {
  connections: {
    type: "gauge",
    name: "stowage_redis_connections",
    help: "Connections to Redis that are ready for commands.",
    labels: [],
  },
} as const satisfies InstrumentTable;
