import { bearerChallenge, groupedScopes } from "./challenge.ts";
import { type AccessController, type AccessRequest, type Grant, withMount } from "./controller.ts";
import { parseBearer } from "./credentials.ts";
import { AuthError, type RefusalReason } from "./errors.ts";
import type { TokenVerifier, VerifiedToken } from "./token_verifier.ts";

/** What {@linkcode createTokenController} works with. */
export interface TokenControllerOptions {
  readonly realm: string;
  readonly service: string;
  /** Path of the realm on the host that was asked, where clients are sent there. */
  readonly autoRedirectPath?: string | undefined;
  readonly verifier: TokenVerifier;
}

const ERRORS = {
  "token invalid": "invalid_token",
  "scope insufficient": "insufficient_scope",
} as const;

/**
 * Lets in whoever has a token of a token server, as far as the token goes.
 *
 * Source: reference of Distribution, "token"; Docker token authentication specification.
 */
export function createTokenController(options: TokenControllerOptions): AccessController {
  const { service, verifier } = options;

  function refuse(
    asked: AccessRequest,
    reason: keyof typeof ERRORS | Extract<RefusalReason, "credentials missing">,
  ): never {
    const access = withMount(asked);
    const challenge = bearerChallenge({
      realm: realmFor(options, asked.request),
      service,
      scope: groupedScopes(access),
      ...reason === "credentials missing" ? {} : { error: ERRORS[reason] },
    });
    throw new AuthError("unauthorized", { reason, challenge, access });
  }

  function decide(asked: AccessRequest, { userName, access }: VerifiedToken): Grant {
    if (!access.hasAll(withMount(asked))) return refuse(asked, "scope insufficient");
    return {
      userName,
      mayPull: (name) => access.has({ type: "repository", name, action: "pull" }),
    };
  }

  return {
    authorize(asked) {
      const token = parseBearer(asked.request.headers.get("authorization") ?? "");
      if (token === undefined) return refuse(asked, "credentials missing");
      const remembered = verifier.remembered(token);
      if (remembered !== undefined) return decide(asked, remembered);
      return verifier.verify(token).then((verified) =>
        verified === undefined ? refuse(asked, "token invalid") : decide(asked, verified)
      );
    },
    close() {},
  };
}

/** Source: reference of Distribution, "token", auto-redirect realm. */
function realmFor(
  { realm, autoRedirectPath }: TokenControllerOptions,
  { headers, url }: Request,
): string {
  if (autoRedirectPath === undefined) return realm;
  // HTTP/2 has no such header; the server puts its word into the URL.
  const host = headers.get("host") ?? /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? "";
  return `${headers.get("x-forwarded-proto") ?? "https"}://${host}${autoRedirectPath}`;
}
