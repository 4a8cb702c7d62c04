/**
 * A real server of Azure Blob Storage: `azurite-blob`, with its data in memory.
 *
 * @module
 */
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import type { AzureConfig } from "../../src/config/sections/storage_azure.ts";
import { freePort, ServerProcess } from "./process.ts";
import { programPath } from "./tools.ts";

/** The account of every server of the tests. */
const ACCOUNT = "registrytests";

/** Its key; there is nothing behind it but what a test puts there. */
const ACCOUNT_KEY = btoa("a key for tests, known to everybody");

/** A server that runs until the block that holds it is left. */
export interface Azurite extends AsyncDisposable {
  readonly process: ServerProcess;
  /** Makes an empty container and gives the configuration of a driver for it. */
  makeContainer(): Promise<AzureConfig>;
}

/** Starts a server. */
export async function startAzurite(): Promise<Azurite> {
  const port = freePort();
  const process = await ServerProcess.start({
    command: programPath("azurite-blob"),
    args: [
      ...["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--inMemoryPersistence"],
      ...["--blobHost", "127.0.0.1", "--blobPort", String(port)],
    ],
    env: { AZURITE_ACCOUNTS: `${ACCOUNT}:${ACCOUNT_KEY}` },
    readyUrl: port,
  });
  const serviceUrl = `http://127.0.0.1:${port}/${ACCOUNT}`;
  const credential = new StorageSharedKeyCredential(ACCOUNT, ACCOUNT_KEY);
  const service = new BlobServiceClient(serviceUrl, credential);
  return {
    process,
    async makeContainer() {
      const container = `registry-${crypto.randomUUID()}`;
      await service.createContainer(container);
      return azureConfig({ serviceUrl, container });
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** The configuration of a driver, with all its defaults. */
export function azureConfig(changes: Partial<AzureConfig> = {}): AzureConfig {
  return {
    name: "azure",
    accountName: ACCOUNT,
    container: "registry",
    credentials: { type: "shared_key", accountKey: ACCOUNT_KEY },
    realm: "core.windows.net",
    serviceUrl: `https://${ACCOUNT}.blob.core.windows.net`,
    rootDirectory: "",
    maxRetries: 5,
    retryDelayMs: 100,
    skipVerify: false,
    ...changes,
  };
}

/** The section `storage` of a configuration file, for a container of the tests. */
export function azureStorage(config: AzureConfig): Readonly<Record<string, unknown>> {
  const azure = {
    accountname: ACCOUNT,
    accountkey: ACCOUNT_KEY,
    // Distribution 3 does not take the key for an answer.
    credentials: { type: "shared_key" },
    container: config.container,
    serviceurl: config.serviceUrl,
    rootdirectory: config.rootDirectory,
  };
  return { azure, delete: { enabled: true }, redirect: { disable: true } };
}
