/** How much is measured. */
export type PlanName = "quick" | "standard" | "full";

/** The amounts of a run. */
export interface Plan {
  readonly name: PlanName;
  /** How often each figure is taken from each server while storage is small. */
  readonly rounds: number;
  /** The same with storage of each size. */
  readonly growthRounds: number;
  /** How long many small requests are made for one figure, in seconds. */
  readonly loadSeconds: number;
  /** Numbers of tags, repositories and blobs to measure with. */
  readonly sizes: readonly number[];
  /** What a number of pushes or pulls is multiplied with. */
  readonly effort: number;
}

/** The runs that can be asked for. */
export const PLANS = {
  quick: {
    name: "quick",
    rounds: 1,
    growthRounds: 1,
    loadSeconds: 1,
    sizes: [100, 10_000],
    effort: 0.5,
  },
  standard: {
    name: "standard",
    rounds: 3,
    growthRounds: 1,
    loadSeconds: 2,
    sizes: [100, 10_000, 100_000],
    effort: 1,
  },
  full: {
    name: "full",
    rounds: 5,
    growthRounds: 3,
    loadSeconds: 4,
    sizes: [100, 10_000, 100_000],
    effort: 1,
  },
} as const satisfies Record<PlanName, Plan>;

const ORDER: readonly PlanName[] = ["quick", "standard", "full"];

/** Tells whether a run includes what is measured from `least` on. */
export function includes(plan: Plan, least: PlanName): boolean {
  return ORDER.indexOf(plan.name) >= ORDER.indexOf(least);
}

/** How often to do something in a run, once at least. */
export function timesOf(plan: Plan, standard: number): number {
  return Math.max(1, Math.round(standard * plan.effort));
}
