import { GROWN_WORKLOADS } from "./grown_workloads.ts";
import { IMAGE_WORKLOADS } from "./image_workloads.ts";
import { LAYER_WORKLOADS } from "./layer_workloads.ts";
import { missingTool } from "./load_tools.ts";
import { includes, type Plan } from "./plan.ts";
import { PROCESS_WORKLOADS } from "./process_workloads.ts";
import { REQUEST_WORKLOADS } from "./request_workloads.ts";
import type { LeftOut } from "./servers.ts";
import type { GrownStand, SmallStand, Stand, Workload } from "./workload.ts";

/** What is measured while storage is small, in this order. */
export const SMALL_WORKLOADS: readonly Workload<SmallStand>[] = [
  ...REQUEST_WORKLOADS,
  ...LAYER_WORKLOADS,
  ...IMAGE_WORKLOADS,
  ...PROCESS_WORKLOADS,
];

/** What is measured of a workload, whatever it needs to run. */
export type Figure = Omit<Workload<never>, "run">;

/** Every figure by its name. */
export const FIGURES: ReadonlyMap<string, Figure> = new Map<string, Figure>(
  [...SMALL_WORKLOADS, ...GROWN_WORKLOADS].map((figure) => [figure.name, figure]),
);

/** What a run measures. */
export interface Selection {
  readonly small: readonly Workload<SmallStand>[];
  readonly grown: readonly Workload<GrownStand>[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Chooses what a run measures.
 *
 * @param only names of figures, which are then measured whatever the plan says, or of groups; empty:
 *   everything that the plan includes
 */
export function select(plan: Plan, only: readonly string[]): Selection {
  const leftOut: LeftOut[] = [];
  return {
    small: SMALL_WORKLOADS.filter((workload) => isChosen(workload)),
    grown: GROWN_WORKLOADS.filter((workload) => isChosen(workload)),
    leftOut,
  };

  function isChosen<S extends Stand>(workload: Workload<S>): boolean {
    const { name, title, group, from = "quick", needs } = workload;
    const isAsked = only.length === 0 || only.includes(group);
    if (!only.includes(name) && !(isAsked && includes(plan, from))) return false;
    const reason = needs === undefined ? undefined : missingTool(needs);
    if (reason !== undefined) leftOut.push({ what: title, reason });
    return reason === undefined;
  }
}
