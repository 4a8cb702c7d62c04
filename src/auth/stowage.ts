import type { AccessRules, AccessSource } from "./access_source.ts";
import { bearerChallenge, groupedScopes } from "./challenge.ts";
import {
  type AccessController,
  type AccessRecord,
  type AccessRequest,
  type Grant,
  withMount,
} from "./controller.ts";
import { type BasicCredentials, parseBasic, parseBearer } from "./credentials.ts";
import { AuthError, type RefusalReason } from "./errors.ts";
import type { PasswordChecker } from "./password_checker.ts";
import { TOKEN_PATH } from "./token_pages.ts";
import type { TokenVerifier, VerifiedToken } from "./token_verifier.ts";

/** What {@linkcode StowageController} works with. */
export interface StowageControllerOptions {
  /** URL of the token endpoint. @default the one on the host that was asked */
  readonly realm?: string | undefined;
  readonly service: string;
  readonly source: AccessSource;
  readonly passwords: PasswordChecker;
  readonly verifier: TokenVerifier;
  readonly pages: NonNullable<AccessController["pages"]>;
}

const TOKEN_ERRORS: Partial<Record<RefusalReason, "invalid_token" | "insufficient_scope">> = {
  "token invalid": "invalid_token",
  "scope insufficient": "insufficient_scope",
};

/**
 * Decides by the rules of the access file. A token gives what it says, as far as the rules still
 * allow it; a name and a password give what the rules allow; without either, what they allow to
 * everybody, the base of the API and the catalog aside, by which clients learn how to sign in.
 */
export class StowageController implements AccessController {
  readonly pages: NonNullable<AccessController["pages"]>;
  readonly #options: StowageControllerOptions;

  constructor(options: StowageControllerOptions) {
    this.#options = options;
    this.pages = options.pages;
  }

  authorize(asked: AccessRequest): Grant | Promise<Grant> {
    const { source } = this.#options;
    const rules = source.recent;
    if (rules !== undefined) return this.#decide(asked, rules);
    return source.get().then((read) => this.#decide(asked, read));
  }

  close(): void {
    this.#options.passwords.close();
  }

  #decide(asked: AccessRequest, rules: AccessRules): Grant | Promise<Grant> {
    const { passwords, verifier } = this.#options;
    const authorization = asked.request.headers.get("authorization");
    if (authorization === null) return grantAnybody(this.#options, asked, rules);
    const token = parseBearer(authorization);
    if (token !== undefined) {
      const verified = verifier.remembered(token);
      if (verified === undefined) return this.#verify(asked, { token, rules });
      return grantToken(this.#options, asked, { verified, rules });
    }
    const credentials = parseBasic(authorization);
    if (credentials === undefined) return refuse(this.#options, asked, "credentials malformed");
    if (!passwords.remembers(credentials, rules.users)) {
      return this.#signIn(asked, { credentials, rules });
    }
    return grantUser(asked, { userName: credentials.userName, rules });
  }

  async #verify(
    asked: AccessRequest,
    { token, rules }: { readonly token: string; readonly rules: AccessRules },
  ): Promise<Grant> {
    const verified = await this.#options.verifier.verify(token);
    if (verified === undefined) return refuse(this.#options, asked, "token invalid");
    return grantToken(this.#options, asked, { verified, rules });
  }

  async #signIn(
    asked: AccessRequest,
    { credentials, rules }: {
      readonly credentials: BasicCredentials;
      readonly rules: AccessRules;
    },
  ): Promise<Grant> {
    const { users } = rules;
    const { userName } = credentials;
    if (await this.#options.passwords.check({ ...credentials, users, asker: asked })) {
      return grantUser(asked, { userName, rules });
    }
    return refuse(this.#options, asked, users.has(userName) ? "password wrong" : "user unknown");
  }
}

/** Grants a user what the rules allow. */
function grantUser(
  { access }: AccessRequest,
  { userName, rules: { policy } }: { readonly userName: string; readonly rules: AccessRules },
): Grant {
  if (!areAllowed(access, { policy, userName })) {
    throw new AuthError("denied", { reason: "not allowed", access });
  }
  return {
    userName,
    mayPull: (name) => policy.may(userName, "pull", name),
    mayList: (name) => mayList(policy, userName, name),
  };
}

/** Grants somebody unknown what the rules allow to everybody. */
function grantAnybody(
  options: StowageControllerOptions,
  asked: AccessRequest,
  rules: AccessRules,
): Grant {
  const { access } = asked;
  const isPlain = access.length > 0 && access.every(({ type }) => type === "repository");
  if (!isPlain || !areAllowed(access, { policy: rules.policy, userName: "" })) {
    return refuse(options, asked, "credentials missing");
  }
  return grantUser(asked, { userName: "", rules });
}

/** Grants what a token gives and the rules still allow. */
function grantToken(
  options: StowageControllerOptions,
  asked: AccessRequest,
  { verified, rules }: { readonly verified: VerifiedToken; readonly rules: AccessRules },
): Grant {
  const { userName, access: given } = verified;
  const { policy, users } = rules;
  if (userName !== "" && !users.has(userName)) return refuse(options, asked, "token invalid");
  const { access, mountFrom } = asked;
  const needed = mountFrom !== undefined && policy.may(userName, "pull", mountFrom)
    // Worth another token; whoever may not read the source just gets no mount.
    ? withMount(asked)
    : access;
  if (!given.hasAll(needed) || !areAllowed(access, { policy, userName })) {
    return refuse(options, asked, "scope insufficient");
  }
  return {
    userName,
    mayPull: (name) =>
      given.has({ type: "repository", name, action: "pull" }) && policy.may(userName, "pull", name),
    mayList: (name) => mayList(policy, userName, name),
  };
}

function areAllowed(
  access: readonly AccessRecord[],
  { policy, userName }: Pick<AccessRules, "policy"> & { readonly userName: string },
): boolean {
  return access.every(({ type, name, action }) =>
    type !== "repository" || policy.may(userName, action, name)
  );
}

function mayList(policy: AccessRules["policy"], userName: string, repository: string): boolean {
  return policy.may(userName, "pull", repository) || policy.may(userName, "list", repository);
}

function refuse(
  { realm, service }: StowageControllerOptions,
  asked: AccessRequest,
  reason: RefusalReason,
): never {
  const { access } = asked;
  const error = TOKEN_ERRORS[reason];
  const challenge = bearerChallenge({
    realm: realm ?? `${asked.origin()}${TOKEN_PATH}`,
    service,
    scope: groupedScopes(withMount(asked)),
    ...error === undefined ? {} : { error },
  });
  throw new AuthError("unauthorized", { reason, challenge, access });
}
