/**
 * What every storage driver must do, as tests that any driver runs: behind the guard, as it is used.
 *
 * A driver's own test calls {@linkcode storageDriverContract} and adds what is its alone.
 *
 * @module
 */

import type { StorageDriver } from "../../src/drivers/driver.ts";
import { type Program, testWith } from "../support/tools.ts";
import { CHANGE_CASES } from "./storage_driver_changes.ts";
import { CONTENT_CASES } from "./storage_driver_content.ts";
import { STREAM_CASES } from "./storage_driver_streams.ts";
import { TREE_CASES } from "./storage_driver_tree.ts";
import { WALK_CASES } from "./storage_driver_walk.ts";
import { WRITER_CASES } from "./storage_driver_writers.ts";

const CASES = {
  ...CONTENT_CASES,
  ...CHANGE_CASES,
  ...STREAM_CASES,
  ...WRITER_CASES,
  ...TREE_CASES,
  ...WALK_CASES,
};

/** The name of a case, such as `stat tells the size of a file`. */
export type StorageDriverCase = keyof typeof CASES;

/** A guarded driver that holds nothing yet; it is removed with all it has when the test ends. */
export interface DriverFixture extends AsyncDisposable {
  readonly driver: StorageDriver;
}

/** Options of {@linkcode storageDriverContract}. */
export interface StorageDriverContractOptions {
  /** Cases that do not hold for the driver, each with the reason, which is printed. */
  readonly skips?: Partial<Readonly<Record<StorageDriverCase, string>>>;
  /** Programs that the driver cannot be tried without. @default none */
  readonly needs?: readonly Program[];
}

/** Registers a test for each case of the contract. */
export function storageDriverContract(
  name: string,
  makeDriver: () => Promise<DriverFixture>,
  { skips = {}, needs = [] }: StorageDriverContractOptions = {},
): void {
  for (const [behaviour, run] of Object.entries(CASES)) {
    const reason = skips[behaviour as StorageDriverCase];
    if (reason !== undefined) {
      console.log(`not of this driver: "${name} ${behaviour}": ${reason}`);
      continue;
    }
    testWith(needs, {
      name: `${name} ${behaviour}`,
      async fn() {
        await using fixture = await makeDriver();
        await run(fixture.driver);
      },
    });
  }
}
