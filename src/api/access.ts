/**
 * Between the API and whoever decides who may do what: which rights a request needs, and what a
 * client is told that does not have them.
 *
 * @module
 */

import type {
  AccessController,
  AccessRecord,
  AccessRequest,
  Grant,
  PageRequest,
} from "../auth/controller.ts";
import { AuthError, type AuthErrorCode, type AuthErrorDetails } from "../auth/errors.ts";
import { ApiError } from "./api_error.ts";
import type { RouteMatch } from "./route_match.ts";
import type { Action } from "./route.ts";

/** What a request is about. */
export interface AccessQuestion extends PageRequest {
  readonly match: RouteMatch;
  /** What the method does; `undefined` where the route has no such method. */
  readonly action: Action | undefined;
  /** The query with its question mark; empty where there is none. */
  readonly search: string;
}

/**
 * Asks the controller whether a request may be answered; at once where it knows at once.
 *
 * @throws {AuthError} any code
 */
export function authorize(
  controller: AccessController,
  { match, action, search, ...page }: AccessQuestion,
): Grant | Promise<Grant> {
  const asked: AccessRequest = { ...page, access: accessRecords(match, action) };
  if (search === "" || !match.route.named) return controller.authorize(asked);
  const mountFrom = new URLSearchParams(search).get("from") ?? "";
  return controller.authorize(mountFrom === "" ? asked : { ...asked, mountFrom });
}

/** The rights that each action needs. */
const RIGHTS: Readonly<Record<Action, readonly string[]>> = {
  pull: ["pull"],
  push: ["pull", "push"],
  delete: ["delete"],
};

/**
 * The rights that a request needs.
 *
 * Source: reference of Distribution, "Access records". Other than there, whoever may push may also
 * give an upload up.
 */
export function accessRecords(
  { route, repository }: RouteMatch,
  action: Action | undefined,
): readonly AccessRecord[] {
  if (route.named) {
    if (repository === "") throw new AuthError("unavailable", { message: NO_NAME });
    const rights = action === undefined ? [] : RIGHTS[action];
    return rights.map((right) => ({ type: "repository", name: repository, action: right }));
  }
  if (route.name === "base") return [];
  if (route.name === "catalog") return [{ type: "registry", name: "catalog", action: "*" }];
  throw new AuthError("unavailable", { message: NO_NAME });
}

const NO_NAME = "Cannot tell which rights are needed: the request names no repository";

/**
 * What a client is told that is refused.
 *
 * @returns `undefined` where there is nothing to tell: nobody can be let in
 */
export function refusalOf(error: AuthError): ApiError | undefined {
  return REFUSALS[error.code](error.detail as never);
}

type Refusal<Code extends AuthErrorCode> = (detail: AuthErrorDetails[Code]) => ApiError | undefined;

const REFUSALS: { readonly [Code in AuthErrorCode]: Refusal<Code> } = {
  unauthorized({ challenge, access }) {
    // Distribution writes the key even where there is nothing to say.
    const detail = access.length === 0 ? null : access.map(writeRecord);
    const headers = { "www-authenticate": challenge };
    return new ApiError({ code: "UNAUTHORIZED", detail }, { headers });
  },
  denied: ({ access }) => new ApiError({ code: "DENIED", detail: access.map(writeRecord) }),
  throttled({ retryAfterSeconds }) {
    const headers = { "retry-after": String(retryAfterSeconds) };
    return new ApiError({ code: "TOOMANYREQUESTS" }, { headers });
  },
  unavailable: () => undefined,
};

/** Source: reference of Distribution, "Error document", detail shapes. */
function writeRecord({ type, name, action }: AccessRecord) {
  return { Type: type, Class: "", Name: name, Action: action };
}
