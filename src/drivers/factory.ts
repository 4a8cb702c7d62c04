import type { Logger } from "@logtape/logtape";
import type { AzureConfig } from "../config/sections/storage_azure.ts";
import type { GcsConfig } from "../config/sections/storage_gcs.ts";
import type { FilesystemConfig, InMemoryConfig } from "../config/sections/storage_local.ts";
import type { S3Config } from "../config/sections/storage_s3.ts";
import type { StorageDriver } from "./driver.ts";
import { type DriverAction, guardDriver } from "./guard.ts";

/** The configuration of each driver, by the driver's name. */
interface DriverConfigs {
  readonly filesystem: FilesystemConfig;
  readonly inmemory: InMemoryConfig;
  readonly s3: S3Config;
  readonly azure: AzureConfig;
  readonly gcs: GcsConfig;
}

/** The name of a driver in the configuration. */
export type DriverName = keyof DriverConfigs;

/** The configuration of the drivers that there are. */
export type DriverConfig = DriverConfigs[DriverName];

/** Options of {@linkcode createDriver}. */
export interface CreateDriverOptions {
  /** Is told of every timed call that ended. @default nobody is */
  readonly observe?: (action: DriverAction, durationMs: number) => void;
  /** Takes what a driver has to tell. @default LogTape's logger `stowage` */
  readonly log?: Logger;
}

/** What a factory makes: a driver, and the limit that its configuration sets for the guard. */
interface Product {
  readonly driver: StorageDriver;
  /** @default no limit */
  readonly maxConcurrency?: number;
}

type Factories = {
  readonly [Name in DriverName]: (
    config: DriverConfigs[Name],
    options: Pick<CreateDriverOptions, "log">,
  ) => Promise<Product>;
};

/** The drivers. The code of one is loaded when it is chosen, for some bring a large library. */
const FACTORIES = {
  async filesystem({ rootDirectory, maxThreads }) {
    const { FilesystemDriver } = await import("./filesystem/driver.ts");
    const driver = new FilesystemDriver({ rootDirectory });
    await driver.prepare();
    return { driver, maxConcurrency: maxThreads };
  },
  async inmemory() {
    const { InMemoryDriver } = await import("./inmemory/driver.ts");
    return { driver: new InMemoryDriver() };
  },
  async s3(config, options) {
    const { S3Driver } = await import("./s3/driver.ts");
    const driver = new S3Driver(config, options);
    await driver.prepare();
    return { driver };
  },
  async azure(config) {
    const { AzureDriver } = await import("./azure/driver.ts");
    const driver = new AzureDriver(config);
    await driver.prepare();
    return { driver };
  },
  async gcs(config) {
    const { GcsDriver } = await import("./gcs/driver.ts");
    const driver = new GcsDriver(config);
    await driver.prepare();
    return { driver, maxConcurrency: config.maxConcurrency };
  },
} satisfies Factories;

/** Makes the driver that the configuration names, behind the guard. */
export async function createDriver<Name extends DriverName>(
  config: DriverConfigs[Name] & { readonly name: Name },
  { observe, ...options }: CreateDriverOptions = {},
): Promise<StorageDriver> {
  const factories: Factories = FACTORIES;
  const { driver, ...limit } = await factories[config.name](config, options);
  return guardDriver(driver, { ...limit, ...observe === undefined ? {} : { observe } });
}
