import type { AccessClaim } from "./access_claims.ts";
import { type Policy, POLICY_ACTIONS } from "./policy.ts";

/** What a client asks for: actions on a resource. */
export interface TokenScope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** Most scopes that one token may be asked for. */
export const MAX_SCOPES = 100;

const SCOPE_REGEXP = /^([a-z0-9]+)(?:\([a-z0-9]+\))?:(.+):([a-z*,]*)$/;

/**
 * Reads the values of `scope`, each of which may be several with blanks between; what is malformed
 * is passed over, as it gives no right.
 *
 * @returns `undefined` where there are more than {@linkcode MAX_SCOPES}
 * Source: Docker token scope documentation.
 */
export function parseScopes(values: readonly string[]): readonly TokenScope[] | undefined {
  const texts = values.flatMap((value) => value.split(" ")).filter((text) => text !== "");
  if (texts.length > MAX_SCOPES) return undefined;
  return texts.flatMap((text) => {
    const [, type, name, actions = ""] = SCOPE_REGEXP.exec(text) ?? [];
    if (type === undefined || name === undefined) return [];
    return [{ type, name, actions: actions.split(",").filter((action) => action !== "") }];
  });
}

/** What of the scopes somebody gets: never more than was asked for, nor more than is allowed. */
export function grantScopes(
  scopes: readonly TokenScope[],
  { policy, userName }: { readonly policy: Policy; readonly userName: string },
): readonly AccessClaim[] {
  return scopes.flatMap(({ type, name, actions }) => {
    const granted = type === "repository"
      ? grantActions(actions, (action) => policy.may(userName, action, name))
      // The catalog shows everybody what they may see, so everybody may ask for it.
      : type === "registry" && name === "catalog" && actions.includes("*")
      ? ["*"]
      : [];
    return granted.length === 0 ? [] : [{ type, name, actions: granted }];
  });
}

const TOKEN_ACTIONS = POLICY_ACTIONS.filter((action) => action !== "list");

/** `*` stands for all actions there are, of which it gives those that are allowed. */
function grantActions(
  asked: readonly string[],
  isAllowed: (action: string) => boolean,
): readonly string[] {
  return TOKEN_ACTIONS.filter((action) =>
    (asked.includes(action) || asked.includes("*")) && isAllowed(action)
  );
}
