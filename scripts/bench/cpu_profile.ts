/**
 * CPU profiles as V8 writes them: which function was running, asked a thousand times a second.
 *
 * Source: Chrome DevTools Protocol, `Profiler.Profile`.
 *
 * @module
 */

/** The part of a profile that is read here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** The node that was running, sample by sample. */
  readonly samples: readonly number[];
  /** The time between a sample and the one before, in microseconds. */
  readonly timeDeltas: readonly number[];
}

/** A function in one place of the call tree. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** From 0; -1 for what has no source. */
    readonly lineNumber: number;
  };
}

/** The time that a function itself ran, without those it called. */
export interface SelfTime {
  /** Name and place of the function. */
  readonly where: string;
  readonly selfMs: number;
  /** Its part of the time in which anything ran. */
  readonly share: number;
}

/** Pseudo functions for the time in which no JavaScript ran: waiting, or work of the runtime. */
const OUTSIDE = ["(idle)", "(program)", "(root)"];

/** The functions that took most time, those first. */
export function selfTimes(profiles: readonly CpuProfile[]): readonly SelfTime[] {
  const micros = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const names = new Map(nodes.map((node) => [node.id, nameOf(node)]));
    for (const [index, id] of samples.entries()) {
      const name = names.get(id) ?? "(unknown)";
      micros.set(name, (micros.get(name) ?? 0) + Math.max(0, timeDeltas[index] ?? 0));
    }
  }
  for (const name of OUTSIDE) micros.delete(name);
  const total = [...micros.values()].reduce((sum, time) => sum + time, 0);
  return [...micros].sort(([, a], [, b]) => b - a)
    .map(([where, time]) => ({ where, selfMs: time / 1000, share: time / total }));
}

/** The time in which no JavaScript ran, in milliseconds. */
export function outsideMs(profiles: readonly CpuProfile[]): number {
  let micros = 0;
  for (const { nodes, samples, timeDeltas } of profiles) {
    const outside = new Set(
      nodes.filter((node) => OUTSIDE.includes(nameOf(node)))
        .map(({ id }) => id),
    );
    for (const [index, id] of samples.entries()) {
      if (outside.has(id)) micros += Math.max(0, timeDeltas[index] ?? 0);
    }
  }
  return micros / 1000;
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  if (url === "") return name;
  return `${name} ${shorten(url)}:${lineNumber + 1}`;
}

/** The end of a URL, from the project's folder or the package on. */
function shorten(url: string): string {
  const known = /(?:\/(?:src|scripts|tests)\/|\/node_modules\/|ext:|node:)/.exec(url);
  return known === null ? url.split("/").slice(-2).join("/") : url.slice(known.index);
}
