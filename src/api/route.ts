import type { Reply } from "./reply.ts";
import type { RequestContext } from "./request_context.ts";

/** Names of the routes, as metrics and logs have them. */
export type RouteName =
  | "base"
  | "catalog"
  | "tags"
  | "manifest"
  | "blob"
  | "blob_upload"
  | "blob_upload_chunk"
  | "referrers"
  | "repository";

/** What a method does to a repository, which is what a caller must be allowed to do. */
export type Action = "pull" | "push" | "delete";

/** The methods that routes answer. `OPTIONS` is answered from this table for all of them. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Answers a request that has been matched. */
export type Handler = (context: RequestContext) => Reply | Promise<Reply>;

/** What a method of a route needs and does. */
export interface Operation {
  readonly action: Action;
  readonly handle: Handler;
}

/** A kind of variable in a path; its grammar is in `route_match.ts`. */
export type PathVariable = "reference" | "digest" | "uuid";

/** A row of the table. */
export interface Route {
  readonly name: RouteName;
  /**
   * The segments behind the repository's name, a variable as `:kind`; an empty one is a slash at
   * the end.
   */
  readonly tail: readonly string[];
  /** Whether a repository's name comes first. */
  readonly named: boolean;
  readonly operations: Readonly<Partial<Record<Method, Operation>>>;
}
