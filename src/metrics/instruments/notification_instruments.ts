import type { InstrumentTable } from "../instrument.ts";

/**
 * Events on their way to their endpoints.
 *
 * Source: reference of Distribution, "Prometheus metrics".
 */
export const NOTIFICATION_INSTRUMENTS = {
  /** `type` is `Events`, `Successes`, `Failures` or `Errors`. */
  events: {
    type: "counter",
    name: "registry_notifications_events_total",
    help: "The number of total events",
    labels: ["type", "endpoint"],
  },
  pending: {
    type: "gauge",
    name: "registry_notifications_pending_total",
    help: "The gauge of pending events in queue",
    labels: ["endpoint"],
  },
  /** `code` is the status with its text, such as `200 OK`. */
  status: {
    type: "counter",
    name: "registry_notifications_status_total",
    help: "The number of status codes",
    labels: ["code", "endpoint"],
  },
  /** Not in Distribution. */
  oldest: {
    type: "gauge",
    name: "registry_notifications_oldest_event_seconds",
    help: "The age of the oldest event that is pending",
    labels: ["endpoint"],
  },
  /** `kind` is `pull`, `other` or `dead`. Not in Distribution. */
  dropped: {
    type: "counter",
    name: "registry_notifications_dropped_total",
    help: "The number of events that were not kept because there was no room",
    labels: ["kind"],
  },
  /** Not in Distribution. */
  outboxSize: {
    type: "gauge",
    name: "registry_notifications_outbox_bytes",
    help: "The bytes that events take on disk",
    labels: [],
  },
} as const satisfies InstrumentTable;
