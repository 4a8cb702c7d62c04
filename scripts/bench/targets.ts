import type { RegistryKind } from "../../tests/support/servers.ts";

/** Whom ratios are to. */
export const BASELINE: RegistryKind = "distribution3";

/** What Stowage must reach. */
export interface Target {
  readonly figure: string;
  /** Number of tags, repositories and blobs, as in the samples. @default any */
  readonly size?: number;
  /** So many times as good as {@linkcode BASELINE} at least. */
  readonly ratio?: number;
  /** At most so much, in the figure's unit. */
  readonly atMost?: number;
}

/** The targets, in the order of the table. */
export const TARGETS: readonly Target[] = [
  { figure: "manifest-get-tag", ratio: 4 },
  { figure: "blob-get-small", ratio: 12 },
  { figure: "push-100mb-1", ratio: 1.7 },
  { figure: "pull-100mb-1", ratio: 1.1 },
  { figure: "image-push-1mb-16", ratio: 2 },
  { figure: "memory-peak", atMost: 136 },
  { figure: "memory-uploads", atMost: 400 },
  { figure: "start-empty", atMost: 600 },
  { figure: "grown-start", atMost: 600 },
  { figure: "catalog-first-page", size: 100_000, atMost: 50 },
  { figure: "catalog-later-page", size: 100_000, atMost: 50 },
  { figure: "tags-first-page", size: 100_000, atMost: 50 },
  { figure: "tags-later-page", size: 100_000, atMost: 50 },
];

/** The target of a figure; `undefined` where there is none. */
export function targetOf(figure: string, size?: number): Target | undefined {
  return TARGETS.find((target) =>
    target.figure === figure && (target.size === undefined || target.size === size)
  );
}

/** Tells whether a target is reached; `undefined` where that cannot be told. */
export function isReached(
  { ratio, atMost }: Target,
  measured: { readonly value: number; readonly ratio?: number },
): boolean | undefined {
  if (atMost !== undefined) return measured.value <= atMost;
  if (ratio === undefined || measured.ratio === undefined) return undefined;
  return measured.ratio >= ratio;
}
