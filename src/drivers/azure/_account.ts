import { ClientSecretCredential, DefaultAzureCredential } from "@azure/identity";
import {
  BlobServiceClient,
  type ContainerClient,
  newPipeline,
  type RequestPolicyFactory,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { Agent } from "node:https";
import type { AzureConfig } from "../../config/sections/storage_azure.ts";
import { hideDeprecations } from "../hide_deprecations.ts";

/** How the program shows who it is: by the account's key, or by tokens of Microsoft Entra. */
export type Credential =
  | StorageSharedKeyCredential
  | ClientSecretCredential
  | DefaultAzureCredential;

/** A container, and how to show who asks. */
export interface Account {
  readonly service: BlobServiceClient;
  readonly container: ContainerClient;
  readonly credential: Credential;
}

/** Opens the container that the configuration names; no request is sent. */
export function openAccount(config: AzureConfig): Account {
  hideDeprecations();
  const credential = makeCredential(config);
  const pipeline = newPipeline(credential, {
    retryOptions: { maxTries: 4, retryDelayInMs: 200, tryTimeoutInMs: 60_000 },
    userAgentOptions: { userAgentPrefix: "stowage" },
  });
  if (config.skipVerify) pipeline.factories.push(trustAnybody());
  const service = new BlobServiceClient(config.serviceUrl, pipeline);
  return { service, container: service.getContainerClient(config.container), credential };
}

function makeCredential({ accountName, credentials }: AzureConfig): Credential {
  switch (credentials.type) {
    case "shared_key":
      return new StorageSharedKeyCredential(accountName, credentials.accountKey);
    case "client_secret": {
      const { tenantId, clientId, secret } = credentials;
      return new ClientSecretCredential(tenantId, clientId, secret);
    }
    case "default_credentials":
      return new DefaultAzureCredential();
  }
}

/** Makes requests accept every certificate, as `skipverify` asks for. */
function trustAnybody(): RequestPolicyFactory {
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: true });
  return {
    create: (next) => ({
      sendRequest(request) {
        if (request.url.startsWith("https:")) request.agent = agent;
        return next.sendRequest(request);
      },
    }),
  };
}
