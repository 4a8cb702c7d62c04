import type { InstrumentTable } from "../instrument.ts";

/**
 * Calls of the storage driver.
 *
 * Source: reference of Distribution, "Prometheus metrics".
 */
export const STORAGE_INSTRUMENTS = {
  /** `action` is a `DriverAction`. */
  action: {
    type: "histogram",
    name: "registry_storage_action_seconds",
    help: "The number of seconds that the storage action takes",
    labels: ["driver", "action"],
  },
} as const satisfies InstrumentTable;
