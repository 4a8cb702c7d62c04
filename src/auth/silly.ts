import { bearerChallenge, singleScopes } from "./challenge.ts";
import { type AccessController, type Grant, withMount } from "./controller.ts";
import { AuthError } from "./errors.ts";

/** What the section `auth.silly` says. */
export interface SillyOptions {
  readonly realm: string;
  readonly service: string;
}

const GRANT: Grant = { userName: "silly" };

/**
 * Lets in whoever sends an `Authorization` header, whatever it says; for tests.
 *
 * Source: reference of Distribution, "silly and htpasswd".
 */
export function createSillyController({ realm, service }: SillyOptions): AccessController {
  return {
    authorize(asked) {
      if ((asked.request.headers.get("authorization") ?? "") !== "") return GRANT;
      const access = withMount(asked);
      const challenge = bearerChallenge({ realm, service, scope: singleScopes(access) });
      throw new AuthError("unauthorized", { reason: "credentials missing", challenge, access });
    },
    close() {},
  };
}
