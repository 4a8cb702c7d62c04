import { DriverError } from "../driver.ts";
import type { Account } from "./_account.ts";
import { describeFailure, NAME, storeCode, storeStatus } from "./failures.ts";

/** The key of the configuration that most likely is wrong, by what the store answers. */
const CULPRITS: Readonly<Record<string, string>> = {
  ContainerNotFound: "container",
  ContainerBeingDeleted: "container",
  InvalidResourceName: "container",
  OutOfRangeInput: "container",
  AuthenticationFailed: "accountkey",
  InvalidAuthenticationInfo: "accountkey, or credentials",
  AuthorizationFailure: "accountkey or credentials, or the firewall of the account",
  AuthorizationPermissionMismatch: "credentials, or the roles of that identity",
  NoAuthenticationInformation: "credentials",
  AccountIsDisabled: "accountname",
  ResourceNotFound: "accountname, or serviceurl",
};

/** The names under which the store's content may begin. */
const ROOTS = { today: "docker/registry/v2/", legacy: "/docker/registry/v2/" } as const;

/**
 * Asks the store for one name, so that a setting that is wrong is found before anything is served.
 *
 * @returns what every name begins with where nothing else was asked for: Distribution 2 kept a slash
 * there, and an account that it filled is served as it is
 * @throws {DriverError} unavailable: which setting it is, and what the store has answered
 */
export async function checkAccess(account: Account, rootDirectory: string): Promise<string> {
  try {
    if (await hasNames(account, rootDirectory + ROOTS.today) || rootDirectory !== "") return "";
    return await hasNames(account, ROOTS.legacy) ? "/" : "";
  } catch (error) {
    const cause = new Error(explain(error), { cause: error });
    throw new DriverError("unavailable", { driver: NAME, path: "/", cause });
  }
}

async function hasNames({ container }: Account, prefix: string): Promise<boolean> {
  for await (const page of container.listBlobsFlat({ prefix }).byPage({ maxPageSize: 1 })) {
    return page.segment.blobItems.length > 0;
  }
  return false;
}

function explain(error: unknown): string {
  const culprit = CULPRITS[storeCode(error)];
  const answer = describeFailure(error);
  if (culprit !== undefined) {
    return `Correct storage.azure.${culprit}: the store answered ${answer}`;
  }
  if (storeStatus(error) !== undefined) {
    return `Correct the settings of storage.azure: the store answered ${answer}`;
  }
  if (isSignInFailure(error)) {
    return `Correct storage.azure.credentials: signing in was answered: ${answer}`;
  }
  return `Correct storage.azure.accountname, realm or serviceurl: the store was not reached: ${answer}`;
}

/** The library for identities has errors of its own. */
function isSignInFailure(error: unknown): boolean {
  return error instanceof Error &&
    /^(?:Aggregate)?Authentication|^CredentialUnavailable/.test(error.name);
}
