import { buildDescriptorCache } from "../app/build_descriptor_cache.ts";
import { createStorageDriver } from "../app/registry.ts";
import type { Config } from "../config/config.ts";
import { readConfig } from "../config/read.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import type { Logging } from "../log/configure.ts";
import { isRepositoryName } from "../oci/reference.ts";
import { DriverRepositories } from "../storage/delete_repository.ts";
import { isStoreError } from "../storage/errors.ts";
import { listRepositories } from "../storage/stored_content.ts";
import { type Command, printLine, type Surroundings } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { startLogging } from "./start_logging.ts";

/** What `stowage repository` was asked for; a text: it cannot be done, and why. */
type Wanted =
  | { readonly action: "list"; readonly path: string | undefined }
  | { readonly action: "delete"; readonly path: string | undefined; readonly name: string }
  | string;

/** `stowage repository`. */
export const REPOSITORY_COMMAND: Command = {
  about: "List or delete repositories",
  operands: ["ACTION", "NAME", "CONFIG"],
  details: [
    "ACTION is list, which takes no NAME, or delete. list prints the name of each\n" +
    "repository, those included that hold blobs only. delete removes a repository\n" +
    "with its manifests, tags, referrers and uploads, not those below it, whatever\n" +
    "storage.delete.enabled says; the bytes go with the next collection. A registry\n" +
    "may be running meanwhile, unless it keeps descriptors in memory\n" +
    "(storage.cache.exclusive): then ask it, by DELETE /v2/NAME/_repository.",
  ],
  flags: [],
  examples: [
    { command: "stowage repository list config.yml", about: "See what there is" },
    { command: "stowage repository delete team/app", about: "Remove one" },
  ],
  async run({ operands }, surroundings) {
    const wanted = readWanted(operands);
    if (typeof wanted === "string") {
      await printLine(surroundings.stderr, `stowage: ${wanted}`);
      return EXIT_CODES.usage;
    }
    const { env, stderr: output, stderrIsTerminal: terminal } = surroundings;
    const { path } = wanted;
    const { config } = await readConfig({ env, ...path === undefined ? {} : { path } });
    const instanceId: string = crypto.randomUUID();
    const logging = startLogging(config.log, { output, terminal, instanceId });
    const driver = await createStorageDriver(config);
    try {
      if (wanted.action === "delete") {
        return await remove(wanted.name, { config, driver, logging, surroundings });
      }
      for await (const name of listRepositories(driver)) await printLine(surroundings.stdout, name);
      return EXIT_CODES.success;
    } finally {
      await driver.close();
      await logging.close();
    }
  },
};

function readWanted([action = "", ...rest]: readonly string[]): Wanted {
  if (action === "list") {
    const [path, surplus] = rest;
    return surplus === undefined ? { action, path } : `cannot list "${path}": list takes no name`;
  }
  if (action !== "delete") return `cannot do "${action}": say list or delete`;
  const [name = "", path] = rest;
  return isRepositoryName(name) ? { action, name, path } : `cannot delete "${name}": it is no name`;
}

async function remove(
  name: string,
  { config, driver, logging: { log }, surroundings: { stdout, stderr } }: {
    readonly config: Config;
    readonly driver: StorageDriver;
    readonly logging: Logging;
    readonly surroundings: Surroundings;
  },
): Promise<number> {
  // Replicas that know from Redis what the repository holds are told by it.
  const cache = await buildDescriptorCache(config, { log });
  try {
    await new DriverRepositories({ driver, deleteEnabled: true, cache }).delete(name);
    await printLine(stdout, `deleted ${name}`);
    return EXIT_CODES.success;
  } catch (error) {
    if (!isStoreError(error, "repository_unknown")) throw error;
    await printLine(stderr, `cannot delete "${name}": there is no such repository`);
    return EXIT_CODES.failure;
  } finally {
    cache?.close();
  }
}
