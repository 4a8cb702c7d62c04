import type { CopyNames } from "./api_settings.ts";
import type { RouteMatch } from "./route_match.ts";

/** A request, and what it means. */
export interface NamedMatch {
  readonly match: RouteMatch;
  /** What the client called the other registry; absent where it named a repository of this one. */
  readonly namespace?: string;
}

/**
 * Finds the repository that a client means: it may name the other registry in its parameter `ns`,
 * or know a copy by another name. Rights are then asked for the one name that the copy has.
 *
 * @param search the query with its question mark
 *
 * Source: OCI distribution specification, "Registry Proxying".
 */
export function findCopy(
  match: RouteMatch,
  { search, names }: { readonly search: string; readonly names: CopyNames },
): NamedMatch {
  if (!match.route.named) return { match };
  const namespace = search.includes("ns=") ? new URLSearchParams(search).get("ns") ?? "" : "";
  const prefix = names.namespaces.get(namespace);
  const named = prefix === undefined ? match.repository : `${prefix}/${match.repository}`;
  const repository = names.canonical(named);
  return {
    match: repository === match.repository ? match : { ...match, repository },
    ...prefix === undefined ? {} : { namespace },
  };
}
