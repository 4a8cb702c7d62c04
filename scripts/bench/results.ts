/**
 * What a run leaves behind: everything that was measured, unchanged, and what it was measured on.
 *
 * @module
 */
import type { RegistryKind } from "../../tests/support/servers.ts";
import type { ClientSpeed } from "./client_speed.ts";
import type { Machine } from "./machine.ts";
import type { PlanName } from "./plan.ts";
import type { LeftOut } from "./servers.ts";

/** One figure of one server in one round. */
export interface Sample {
  /** Name of the workload. */
  readonly figure: string;
  /** How many tags, repositories and blobs storage had; absent where it had next to none. */
  readonly size?: number;
  readonly server: RegistryKind;
  /** From 1. */
  readonly round: number;
  readonly value: number;
  /** Processor time of the server for one operation, in milliseconds; absent where it tells nothing. */
  readonly cpuMs?: number;
}

/** A server that was measured. */
export interface MeasuredServer {
  readonly kind: RegistryKind;
  readonly title: string;
  readonly version: string;
}

/** A whole run. */
export interface BenchResults {
  /** When it began, in RFC 3339. */
  readonly startedAt: string;
  readonly durationS: number;
  readonly plan: PlanName;
  /** What it was limited to; empty: nothing. */
  readonly only: readonly string[];
  readonly machine: Machine;
  readonly client: ClientSpeed;
  readonly servers: readonly MeasuredServer[];
  readonly leftOut: readonly LeftOut[];
  readonly samples: readonly Sample[];
}
