import type { RouteMatch } from "./route_match.ts";

/** What a mirror calls another registry, to the first parts of the names of its copies here. */
export type Namespaces = ReadonlyMap<string, string>;

/** A request to a repository of another registry. */
export interface NamespacedMatch {
  readonly match: RouteMatch;
  /** What the client called the registry. */
  readonly namespace: string;
}

/**
 * Finds the copy that a client means that names the other registry in its parameter `ns`.
 *
 * @param search the query with its question mark
 * @returns `undefined`: it means the repository that it names
 *
 * Source: OCI distribution specification, "Registry Proxying".
 */
export function findNamespace(
  match: RouteMatch,
  { search, namespaces }: { readonly search: string; readonly namespaces: Namespaces },
): NamespacedMatch | undefined {
  if (!match.route.named || !search.includes("ns=")) return undefined;
  const namespace = new URLSearchParams(search).get("ns") ?? "";
  const prefix = namespaces.get(namespace);
  if (prefix === undefined) return undefined;
  return { namespace, match: { ...match, repository: `${prefix}/${match.repository}` } };
}
