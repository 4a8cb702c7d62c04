/**
 * The file format of Apache's `htpasswd`: a line `user:hash` for each user.
 *
 * Source: reference of Distribution, "silly and htpasswd".
 *
 * @module
 */

import { AuthError } from "./errors.ts";

/** Users by name, with their hashes. */
export type UserHashes = ReadonlyMap<string, string>;

const BCRYPT_REGEXP = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** What a hash costs to compare, as a power of two; `undefined` where it is no bcrypt hash. */
export function bcryptCost(hash: string): number | undefined {
  const cost = Number(BCRYPT_REGEXP.exec(hash)?.[1] ?? NaN);
  return cost >= 4 && cost <= 31 ? cost : undefined;
}

/**
 * Reads the text of such a file. Of a name that occurs twice the last line counts.
 *
 * @throws {AuthError} unavailable: a line has no colon
 */
export function parseHtpasswd(text: string): UserHashes {
  const users = new Map<string, string>();
  for (const [index, untrimmed] of text.split("\n").entries()) {
    const line = untrimmed.trim();
    if (line === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    if (colon < 0) {
      const message = `Cannot read the file of users: line ${index + 1} has no colon`;
      throw new AuthError("unavailable", { message });
    }
    users.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return users;
}

/**
 * Writes the text of such a file anew with `hash` for a user; all other lines stay as they are.
 *
 * @param hash `undefined` takes the user out
 */
export function withUser(
  text: string,
  { userName, hash }: { readonly userName: string; readonly hash: string | undefined },
): string {
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const isOf = (line: string) => line.trimStart().startsWith(`${userName}:`);
  const at = lines.findLastIndex(isOf);
  const kept = lines.flatMap((line, index) => {
    if (!isOf(line)) return [line];
    return index === at && hash !== undefined ? [`${userName}:${hash}`] : [];
  });
  if (at < 0 && hash !== undefined) kept.push(`${userName}:${hash}`);
  return kept.length === 0 ? "" : `${kept.join("\n")}\n`;
}
