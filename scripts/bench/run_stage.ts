import { readCpuMs } from "./process_usage.ts";
import type { ProgressBar } from "./progress_bar.ts";
import type { Sample } from "./results.ts";
import type { LeftOut } from "./servers.ts";
import type { Stand, Workload } from "./workload.ts";

/** Options of {@linkcode runStage}. */
export interface StageOptions {
  readonly rounds: number;
  /** What storage holds, as in {@linkcode Sample}. */
  readonly size?: number;
  readonly progress: ProgressBar;
}

/** Less processor time than this says nothing, in milliseconds: the kernel counts in steps of 10. */
const MIN_CPU_MS = 50;

/** What a stage found. */
export interface StageResult {
  readonly samples: readonly Sample[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Takes every figure from every server in several rounds: one figure from all servers, then the next
 * figure, then the next round. So a slow minute of the machine is a slow minute for all of them.
 *
 * What fails is left out, with its reason; the rest goes on.
 *
 * @param stands one for each server, all running
 */
export async function runStage<S extends Stand>(
  stands: readonly S[],
  workloads: readonly Workload<S>[],
  { rounds, size, progress }: StageOptions,
): Promise<StageResult> {
  const samples: Sample[] = [];
  const failures = new Map<string, LeftOut>();
  for (let round = 1; round <= rounds; round++) {
    for (const workload of workloads) {
      for (const stand of inTurn(stands, round)) {
        const { kind, title } = stand.server.contestant;
        const key = `${workload.name} ${kind}`;
        progress.show(`${title}: ${workload.title}`);
        try {
          if (failures.has(key)) continue;
          const measured = await measure(stand, workload);
          const scale = size === undefined ? {} : { size };
          samples.push({ figure: workload.name, ...scale, server: kind, round, ...measured });
        } catch (error) {
          stand.signal.throwIfAborted();
          const reason = error instanceof Error ? error.message : String(error);
          failures.set(key, { what: `${workload.title}${sizeText(size)}, ${title}`, reason });
        } finally {
          progress.advance();
        }
      }
    }
  }
  return { samples, leftOut: [...failures.values()] };
}

/** A different server begins each round. */
function inTurn<T>(items: readonly T[], round: number): readonly T[] {
  const first = (round - 1) % Math.max(1, items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}

async function measure<S extends Stand>(
  stand: S,
  workload: Workload<S>,
): Promise<Pick<Sample, "value" | "cpuMs">> {
  const { pid } = stand.server;
  const beforeMs = await readCpuMs(pid);
  const { value, operations } = await workload.run(stand);
  const usedMs = await readCpuMs(pid) - beforeMs;
  if (operations === 0 || usedMs < MIN_CPU_MS) return { value };
  return { value, cpuMs: usedMs / operations };
}

function sizeText(size: number | undefined): string {
  return size === undefined ? "" : ` at ${size}`;
}
