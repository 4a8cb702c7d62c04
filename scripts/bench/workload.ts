/**
 * What a measurement is: one figure, taken from one server, in one round.
 *
 * A workload prepares what it needs, measures, and puts storage back as it was, so that the next
 * round finds the same. It neither repeats itself nor compares: that is for whoever runs it.
 *
 * @module
 */
import type { BlobMaker } from "./blob_maker.ts";
import type { Fixture } from "./fixture.ts";
import type { LoadTool } from "./load_tools.ts";
import type { Plan, PlanName } from "./plan.ts";
import type { BenchServer } from "./servers.ts";
import type { Summarizing } from "./statistics.ts";
import type { StoredTree } from "./stored_tree.ts";

/** What belongs together in tables and plots. */
export type Group = keyof typeof GROUPS;

/** The groups with their titles, in the order of the report. */
export const GROUPS = {
  requests: "Small requests, 32 connections",
  push: "Pushes of layers",
  pull: "Pulls of layers",
  images: "Images",
  lists: "Lists",
  growth: "Growing storage",
  start: "Start to the first answer",
  memory: "Memory",
} as const;

/** The units of figures. */
export type Unit = "requests/s" | "MB/s" | "images/s" | "s" | "ms" | "MB";

/** What a server is measured with. */
export interface Stand {
  readonly server: BenchServer;
  readonly plan: Plan;
  readonly blobs: BlobMaker;
  /** Ends the measurement. */
  readonly signal: AbortSignal;
}

/** A server whose storage holds a {@linkcode Fixture} and little else. */
export interface SmallStand extends Stand {
  readonly fixture: Fixture;
}

/** A server whose storage is a {@linkcode StoredTree}, which all servers share. */
export interface GrownStand extends Stand {
  readonly tree: StoredTree;
}

/** What was measured. */
export interface Measured {
  readonly value: number;
  /** How many requests, blobs or images that was, to divide processor time by; 0 where it tells nothing. */
  readonly operations: number;
}

/** One figure. */
export interface Workload<S extends Stand = Stand> {
  /** Words with dashes: for `--only` and in the raw data. */
  readonly name: string;
  readonly title: string;
  readonly group: Group;
  readonly unit: Unit;
  readonly better: "higher" | "lower";
  /** The smallest run that includes it. @default "quick" */
  readonly from?: PlanName;
  /** The program that makes the load. @default none */
  readonly needs?: LoadTool;
  /** What one of the operations is called. @default "request" */
  readonly operation?: "request" | "blob" | "image";
  /** @default "median" */
  readonly summarizing?: Summarizing;
  run(stand: S): Promise<Measured>;
}
