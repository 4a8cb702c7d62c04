/**
 * Who may do what: the contract of everything that decides about requests.
 *
 * A controller looks at one request and the rights that it needs, and either grants it or refuses
 * with an {@linkcode AuthError}. It decides by names alone: it never asks the storage, so what it
 * answers, and how long that takes, is the same whether something exists or not. It writes no
 * response; the API does, from the error. Whatever it throws besides is a failure of its own, and
 * the request is refused all the same.
 *
 * @module
 */

import type { Client } from "../base/client.ts";

/** A right that a request needs, or that a token gives. */
export interface AccessRecord {
  readonly type: "repository" | "registry";
  /** Name of the repository, or `catalog`. */
  readonly name: string;
  /** `pull`, `push`, `delete`, or `*` for the catalog. */
  readonly action: string;
}

/** What a controller decides about. */
export interface AccessRequest {
  readonly request: Request;
  readonly client: Client;
  /** Everything that the request itself needs; nothing for the base of the API. */
  readonly access: readonly AccessRecord[];
  /** The repository that a mount names as its source, whose content the request may read. */
  readonly mountFrom?: string;
  /** Where clients reach this registry: scheme, host and prefix, without a slash at the end. */
  origin(): string;
}

/** What a controller grants besides the request itself. */
export interface Grant {
  /** Who asks; empty for somebody unknown. */
  readonly userName: string;
  /** Whether content of a repository may be read, where it is not the one that is asked. @default every one */
  readonly mayPull?: (repository: string) => boolean;
  /** Whether the catalog may show a repository. @default every one */
  readonly mayList?: (repository: string) => boolean;
}

/** Decides about requests. Safe to call at any time, for many requests at once. */
export interface AccessController {
  /**
   * Grants a request; at once where nothing has to be waited for.
   *
   * @throws {AuthError} unauthorized, denied, throttled; unavailable: nobody can be let in
   */
  authorize(request: AccessRequest): Grant | Promise<Grant>;
  /** Pages of the controller's own, by path below the prefix, such as `/auth/token`. */
  readonly pages?: ReadonlyMap<string, AccessPage>;
  /** Ends threads and timers. */
  close(): void;
}

/** What a page is told. */
export type PageRequest = Pick<AccessRequest, "request" | "client" | "origin">;

/**
 * Answers requests to one path, with any method.
 *
 * @throws {AuthError} as {@linkcode AccessController.authorize}
 */
export type AccessPage = (request: PageRequest) => Promise<Response>;

/** The records of `access` together with the one for the source of a mount, if there is one. */
export function withMount({ access, mountFrom }: AccessRequest): readonly AccessRecord[] {
  if (mountFrom === undefined) return access;
  return [...access, { type: "repository", name: mountFrom, action: "pull" }];
}
