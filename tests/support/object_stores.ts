/**
 * Real servers of object stores, one with an empty bucket for each driver.
 *
 * @module
 */
import { azureStorage, startAzurite } from "./azurite.ts";
import { gcsStorage, startFakeGcs } from "./fake_gcs.ts";
import type { Program } from "./tools.ts";
import { s3Storage, startGateway } from "./versitygw.ts";

/** A server that runs until the block that holds it is left. */
export interface ObjectStore extends AsyncDisposable {
  /** The section `storage` of a configuration file; replicas may share it. */
  readonly storage: Readonly<Record<string, unknown>>;
}

/** How to get a server. */
export interface ObjectStoreKind {
  /** The program that it is. */
  readonly needs: readonly [Program];
  start(): Promise<ObjectStore>;
}

/** The drivers of object stores, by their names in the configuration. */
export const OBJECT_STORES: Readonly<Record<"s3" | "azure" | "gcs", ObjectStoreKind>> = {
  s3: {
    needs: ["versitygw"],
    async start() {
      const gateway = await startGateway();
      return { ...endsWith(gateway), storage: s3Storage(gateway.url) };
    },
  },
  azure: {
    needs: ["azurite-blob"],
    async start() {
      const azurite = await startAzurite();
      return { ...endsWith(azurite), storage: azureStorage(await azurite.makeContainer()) };
    },
  },
  gcs: {
    needs: ["fake-gcs-server"],
    async start() {
      const server = await startFakeGcs();
      return { ...endsWith(server), storage: gcsStorage(await server.makeBucket()) };
    },
  },
};

function endsWith(server: AsyncDisposable): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
