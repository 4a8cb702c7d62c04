import type { EndpointConfig, PullEventsConfig } from "../config/config.ts";
import type { EventAction } from "./event.ts";

/**
 * Tells which events are worth recording: not those of actions that every endpoint ignores, nor
 * pulls that are ignored or not in the sample.
 *
 * @param random gives a number from 0 to below 1
 */
export function selectEvents(
  endpoints: readonly EndpointConfig[],
  { pulls, random }: { readonly pulls: PullEventsConfig; readonly random: () => number },
): (action: EventAction, repository: string) => boolean {
  const ignored = pulls.ignore.map(compileGlob);
  const samples = pulls.sample.map(({ repositories, rate }) => ({
    regexp: compileGlob(repositories),
    rate,
  }));
  const unwanted = new Set(
    (["pull", "push", "mount", "delete"] as const).filter((action) =>
      endpoints.every(({ ignore }) => ignore.actions.includes(action))
    ),
  );
  const isPlain = ignored.length === 0 && samples.length === 0;
  return (action, repository) => {
    if (unwanted.has(action)) return false;
    if (action !== "pull" || isPlain) return true;
    if (ignored.some((regexp) => regexp.test(repository))) return false;
    const sample = samples.find(({ regexp }) => regexp.test(repository));
    return sample === undefined || random() * 100 < sample.rate;
  };
}

/** `*` stands for anything but a slash, `**` for anything. */
function compileGlob(glob: string): RegExp {
  const source = glob.split(/(\*\*|\*)/).map((part) =>
    part === "**" ? ".*" : part === "*" ? "[^/]*" : RegExp.escape(part)
  );
  return new RegExp(`^${source.join("")}$`);
}
