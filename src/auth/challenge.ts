/**
 * The values of `WWW-Authenticate`.
 *
 * Source: reference of Distribution, "Challenge headers"; RFC 9110, section 11.6.1.
 *
 * @module
 */

import type { AccessRecord } from "./controller.ts";

/** What a `Bearer` challenge says. */
export interface BearerChallenge {
  readonly realm: string;
  readonly service: string;
  /** The scopes that a token must have; left out where it needs none. */
  readonly scope?: string;
  /** What was wrong with the token. @default nothing: there was none */
  readonly error?: "invalid_token" | "insufficient_scope";
}

/** Asks for a name and a password. */
export function basicChallenge(realm: string): string {
  return `Basic realm=${quote(realm)}`;
}

/** Asks for a token. */
export function bearerChallenge({ realm, service, scope = "", error }: BearerChallenge): string {
  const parts = [`Bearer realm=${quote(realm)}`, `service=${quote(service)}`];
  if (scope !== "") parts.push(`scope=${quote(scope)}`);
  if (error !== undefined) parts.push(`error=${quote(error)}`);
  return parts.join(",");
}

/** Writes one scope for each record, as the controller `silly` does. */
export function singleScopes(access: readonly AccessRecord[]): string {
  return access.map(({ type, name, action }) => `${type}:${name}:${action}`).join(" ");
}

/** Writes one scope for each resource, with all its actions. */
export function groupedScopes(access: readonly AccessRecord[]): string {
  const actions = new Map<string, Set<string>>();
  for (const { type, name, action } of access) {
    const resource = `${type}:${name}`;
    const known = actions.get(resource);
    if (known === undefined) actions.set(resource, new Set([action]));
    else known.add(action);
  }
  return [...actions].map(([resource, names]) => `${resource}:${[...names].join(",")}`).join(" ");
}

/** A quoted string; what no header may hold is left out. */
function quote(text: string): string {
  return `"${text.replaceAll(/[^\t\x20-\x7e]/g, "").replaceAll(/["\\]/g, "\\$&")}"`;
}
