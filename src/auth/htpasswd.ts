import { basicChallenge } from "./challenge.ts";
import { type AccessController, type AccessRequest, type Grant, withMount } from "./controller.ts";
import { type BasicCredentials, parseBasic } from "./credentials.ts";
import { AuthError, type RefusalReason } from "./errors.ts";
import type { UserHashes } from "./htpasswd_file.ts";
import type { PasswordChecker } from "./password_checker.ts";
import type { WatchedFile } from "./watched_file.ts";

/** What {@linkcode createHtpasswdController} works with. */
export interface HtpasswdOptions {
  readonly realm: string;
  readonly users: WatchedFile<UserHashes>;
  readonly passwords: PasswordChecker;
}

/**
 * Lets in the users of a file, with everything.
 *
 * Source: reference of Distribution, "silly and htpasswd".
 */
export function createHtpasswdController(options: HtpasswdOptions): AccessController {
  const { realm, users, passwords } = options;

  function refuse(asked: AccessRequest, reason: RefusalReason): never {
    const access = withMount(asked);
    throw new AuthError("unauthorized", { reason, access, challenge: basicChallenge(realm) });
  }

  async function check(asked: AccessRequest, credentials: BasicCredentials): Promise<Grant> {
    const known = await users.get();
    const isRight = await passwords.check({ ...credentials, users: known, asker: asked });
    const { userName } = credentials;
    if (!isRight) refuse(asked, known.has(userName) ? "password wrong" : "user unknown");
    return { userName };
  }

  return {
    authorize(asked) {
      const authorization = asked.request.headers.get("authorization");
      if (authorization === null) return refuse(asked, "credentials missing");
      const credentials = parseBasic(authorization);
      if (credentials === undefined) return refuse(asked, "credentials malformed");
      const recent = users.recent;
      if (recent !== undefined && passwords.remembers(credentials, recent)) {
        return { userName: credentials.userName };
      }
      return check(asked, credentials);
    },
    close: () => passwords.close(),
  };
}
