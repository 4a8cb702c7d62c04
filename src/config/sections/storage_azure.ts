import type { Report } from "../_report.ts";
import {
  choice,
  duration,
  flag,
  integer,
  optionalSection,
  type Output,
  section,
  text,
} from "../fields.ts";
import { HTTP_URL } from "./_rules.ts";

/** The fields of `storage.azure`. */
export const azureSection = optionalSection({
  accountname: text({ about: "Name of the storage account.", required: true }),
  container: text({ about: "Name of the container.", required: true }),
  accountkey: text({ about: "Shared key of the account.", secret: true }),
  credentials: section({
    type: choice(["client_secret", "shared_key", "default_credentials"], {
      about: "How to prove who we are.",
      defaultText: "`shared_key` with an `accountkey`",
    }),
    clientid: text({ about: "Client of `client_secret`." }),
    tenantid: text({ about: "Tenant of `client_secret`." }),
    secret: text({ about: "Secret of `client_secret`.", secret: true }),
  }, { about: "Credentials." }),
  connectionstring: text({
    about: "Read by nothing.",
    secret: true,
    obsolete: { note: "neither Distribution nor Stowage uses it; name the account and its key" },
  }),
  realm: text({ about: "Domain of the service.", default: "core.windows.net" }),
  serviceurl: text({
    about: "URL of the blob service.",
    defaultText: "`https://<accountname>.blob.<realm>`",
    rule: HTTP_URL,
  }),
  rootdirectory: text({ about: "Prefix of every name.", defaultText: "none" }),
  max_retries: integer({
    about: "Times a copy is asked after; -1 aborts a copy that is pending.",
    unit: "tries",
    default: 5,
    min: -1,
  }),
  retry_delay: duration({ about: "Pause between these.", default: 100, min: 0 }),
  skipverify: flag({ about: "Accept any TLS certificate.", default: false }),
}, { about: "Keeps data in Azure Blob Storage." });

type AzureInput = NonNullable<Output<typeof azureSection>>;

/** How to prove who we are to Azure. */
export type AzureCredentials =
  | { readonly type: "shared_key"; readonly accountKey: string }
  | {
    readonly type: "client_secret";
    readonly clientId: string;
    readonly tenantId: string;
    readonly secret: string;
  }
  | { readonly type: "default_credentials" };

/** `storage.azure`. */
export interface AzureConfig {
  /** Name of the driver. */
  readonly name: "azure";
  /** Name of the storage account. */
  readonly accountName: string;
  /** Name of the container. */
  readonly container: string;
  /** How to prove who we are. */
  readonly credentials: AzureCredentials;
  /** Domain of the service. */
  readonly realm: string;
  /** URL of the blob service. */
  readonly serviceUrl: string;
  /** Prefix of every name; may be empty. */
  readonly rootDirectory: string;
  /** Times a copy is asked after; -1 aborts a pending copy. */
  readonly maxRetries: number;
  /** Pause between these. */
  readonly retryDelayMs: number;
  /** Whether any TLS certificate is accepted. */
  readonly skipVerify: boolean;
}

/** Makes the section's final form. */
export function resolveAzure(raw: AzureInput, report: Report): AzureConfig {
  return {
    name: "azure",
    accountName: raw.accountname,
    container: raw.container,
    credentials: resolveCredentials(raw, report),
    realm: raw.realm,
    serviceUrl: raw.serviceurl ?? `https://${raw.accountname}.blob.${raw.realm}`,
    rootDirectory: raw.rootdirectory ?? "",
    maxRetries: raw.max_retries,
    retryDelayMs: raw.retry_delay,
    skipVerify: raw.skipverify,
  };
}

function resolveCredentials({ credentials, accountkey }: AzureInput, report: Report) {
  const path = ["storage", "azure"];
  const type = credentials.type ?? (accountkey === undefined ? undefined : "shared_key");
  switch (type) {
    case "default_credentials":
      return { type };
    case "shared_key":
      if (accountkey === undefined) {
        report.problem([...path, "accountkey"], { message: "Add the shared key of the account" });
      }
      return { type, accountKey: accountkey ?? "" };
    case "client_secret": {
      const { clientid = "", tenantid = "", secret = "" } = credentials;
      for (const [key, value] of Object.entries({ clientid, tenantid, secret })) {
        if (value !== "") continue;
        report.problem([...path, "credentials", key], {
          message: "Add the missing key: credentials of type client_secret need it",
        });
      }
      return { type, clientId: clientid, tenantId: tenantid, secret };
    }
    case undefined:
      report.problem([...path, "credentials", "type"], {
        message: "Add storage.azure.accountkey, or tell by credentials.type how to sign in",
      });
      return { type: "default_credentials" as const };
  }
}
