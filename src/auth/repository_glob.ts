/**
 * Patterns of repository names: `*` stands for any characters of one part of a name, `**` for any
 * number of parts, and `{user}` for the name of whoever asks.
 *
 * `team/**` is everything below `team`, not `team` itself; `**` is every repository.
 *
 * @module
 */

import { LRUCache } from "lru-cache";

/** Tells whether the pattern fits a repository, for a user; nobody in particular is the empty text. */
export type RepositoryGlob = (repository: string, userName: string) => boolean;

const USER = "{user}";
const PART_REGEXP = /^(?:\*\*|(?:[A-Za-z0-9._:*-]|\[|\]|\{user\})+)$/;
const MAX_USERS = 1000;

/** Most `*` in a part, and most `**` in a pattern: each may make matching slower by a whole degree. */
const MAX_STARS = 3;

/** What is wrong with a pattern; `undefined` where nothing is. */
export function globProblem(pattern: string): string | undefined {
  if (pattern.length > 512) return "a pattern has at most 512 characters";
  const parts = pattern.split("/");
  if (parts.some((part) => part === "")) return "a pattern has no empty part";
  const isOdd = (part: string) => part.includes("**") && part !== "**";
  if (parts.some(isOdd)) return '"**" stands alone between slashes';
  const hasMany = (part: string) => part.split("*").length - 1 > MAX_STARS;
  if (parts.some(hasMany) || parts.filter((part) => part === "**").length > MAX_STARS) {
    return `a part has at most ${MAX_STARS} "*", and a pattern ${MAX_STARS} "**"`;
  }
  const wrong = parts.find((part) => !PART_REGEXP.test(part));
  return wrong === undefined ? undefined : `"${wrong}" cannot be part of a name`;
}

/** Makes a pattern ready for use; see {@linkcode globProblem} for what it may be. */
export function compileGlob(pattern: string): RepositoryGlob {
  if (!pattern.includes(USER)) {
    const regexp = toRegExp(pattern, "");
    return (repository) => regexp.test(repository);
  }
  const byUser = new LRUCache<string, RegExp>({ max: MAX_USERS });
  return (repository, userName) => {
    // Nobody in particular owns nothing.
    if (userName === "") return false;
    let regexp = byUser.get(userName);
    if (regexp === undefined) byUser.set(userName, regexp = toRegExp(pattern, userName));
    return regexp.test(repository);
  };
}

function toRegExp(pattern: string, userName: string): RegExp {
  const parts = pattern.split("/").filter((part, index, all) =>
    part !== "**" || all[index + 1] !== "**"
  );
  const last = parts.length - 1;
  const source = parts.map((part, index) => {
    if (part === "**") return index === last ? ".+" : "(?:[^/]+/)*";
    const text = part.split(USER).map(escapePart).join(escape(userName));
    return index === last ? text : `${text}/`;
  });
  return new RegExp(`^${source.join("")}$`);
}

function escapePart(part: string): string {
  return part.replaceAll(/\*+/g, "*").split("*").map(escape).join("[^/]*");
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
