import { Buffer } from "node:buffer";
import type { Logger } from "@logtape/logtape";
import { dirname } from "@std/path";
import { pathExists } from "../base/path_exists.ts";
import { LOG_FIELDS } from "../log/fields.ts";

/** Cost of the hashes that are made here; Apache's and Distribution's are the same or cheaper. */
export const BCRYPT_COST = 10;

/** The user that a new file has. */
const FIRST_USER = "docker";

/**
 * Makes a file of users, with one user and a random password, where there is none. The password is
 * told once, in the log: nobody else knows it.
 *
 * Source: reference of Distribution, "silly and htpasswd".
 */
export async function ensureUsersFile(path: string, log: Logger): Promise<void> {
  if (await pathExists(path)) return;
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const password = Buffer.from(secret).toString("base64url");
  const { hash } = await import("bcryptjs");
  const text = `${FIRST_USER}:${await hash(password, BCRYPT_COST)}\n`;
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await Deno.writeTextFile(path, text, { createNew: true, mode: 0o600 });
  } catch (error) {
    // Another thread or replica was first; it tells its password.
    if (error instanceof Deno.errors.AlreadyExists) return;
    throw error;
  }
  log.warn("htpasswd is missing, provisioning with default user", {
    [LOG_FIELDS.newUserName]: FIRST_USER,
    [LOG_FIELDS.newUserPassword]: password,
  });
}
