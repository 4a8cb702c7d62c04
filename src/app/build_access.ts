import type { Logger } from "@logtape/logtape";
import type { AccessController } from "../auth/controller.ts";
import { AuthError } from "../auth/errors.ts";
import { DiskKeyFolder } from "../auth/disk_key_folder.ts";
import type { KeyFolder } from "../auth/key_folder.ts";
import { createAccessController } from "../auth/factory.ts";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS } from "../base/timers.ts";
import type { Config, StorageDriverConfig } from "../config/config.ts";
import { ConfigError } from "../config/error.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { KEYS_FOLDER, StorageKeyFolder } from "./storage_key_folder.ts";

/** Options of {@linkcode buildAccess}. */
export interface BuildAccessOptions {
  readonly log: Logger;
  readonly driver: StorageDriver;
  /** Module that compares passwords when it is run as a worker. @default the library's own */
  readonly workerEntry?: string | undefined;
}

/**
 * Builds what decides who may do what.
 *
 * @returns `undefined` where everybody may do everything
 * @throws {ConfigError} invalid: a file that the section names is not what it should be
 */
export async function buildAccess(
  { auth, http, storage }: Config,
  { log, driver, workerEntry }: BuildAccessOptions,
): Promise<AccessController | undefined> {
  try {
    return await createAccessController(auth, {
      log,
      clock: SYSTEM_CLOCK,
      timers: SYSTEM_TIMERS,
      keyFolder: keyFolderOf(storage.driver, driver),
      trustedProxies: http.trustedProxies,
      ...workerEntry === undefined ? {} : { workerEntry },
    });
  } catch (cause) {
    if (!(cause instanceof AuthError) && !isSystemError(cause)) throw cause;
    const problem = {
      path: `auth.${auth.type}`,
      found: cause.message,
      expected: "files that can be read, and say what they should",
      message: "Mend the file that it names",
    };
    throw new ConfigError("invalid", { problems: [problem], cause });
  }
}

/** On a disk the keys are for this user's eyes alone, unlike what drivers write. */
function keyFolderOf(config: StorageDriverConfig, driver: StorageDriver): KeyFolder {
  return config.name === "filesystem"
    ? new DiskKeyFolder(`${config.rootDirectory}${KEYS_FOLDER}`)
    : new StorageKeyFolder(driver);
}

/**
 * Makes the files that the section `auth` needs and are not there, and checks the others, so that
 * threads that begin later find them.
 *
 * @throws {ConfigError} as {@linkcode buildAccess}
 */
export async function prepareAccess(config: Config, options: BuildAccessOptions): Promise<void> {
  const access = await buildAccess(config, options);
  access?.close();
}

/** Tells whether the system said it: a file that is not there, or may not be read. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && ("code" in error || error.constructor.name in Deno.errors);
}
