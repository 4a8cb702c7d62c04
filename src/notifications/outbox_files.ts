import { basename, dirname } from "@std/path";

/** The part for events that are sent once more. */
export const REPLAY_PART = "replay";

const PART_REGEXP = /^(?:\d+|replay)$/;

/** The file of a part of the outbox, beside its book. */
export function partPath(path: string, part: string): string {
  return `${path}.${part}`;
}

/** The parts that an outbox has. */
export function listParts(path: string): string[] {
  const prefix = `${basename(path)}.`;
  return [...Deno.readDirSync(dirname(path))]
    .filter(({ name, isFile }) => isFile && name.startsWith(prefix))
    .map(({ name }) => name.slice(prefix.length))
    .filter((part) => PART_REGEXP.test(part))
    .sort();
}
