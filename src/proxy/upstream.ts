/**
 * Which repositories are copies of which other registry, and what their content is called there.
 *
 * @module
 */

import type { RegistryClient } from "../client/registry_client.ts";

/** What the names of copies are made of. */
export interface UpstreamNames {
  /** First parts of the names of the repositories; empty: all that no other upstream has. */
  readonly prefix: string;
  /** Put before names of one part, as Docker Hub's `library/`; empty: nothing is. */
  readonly library: string;
}

/** Another registry that repositories of this one are copies of. */
export interface Upstream extends UpstreamNames {
  /** Host, for logs and metrics. */
  readonly host: string;
  readonly client: RegistryClient;
}

/** A repository that is a copy. */
export interface CopiedRepository<U extends UpstreamNames = Upstream> {
  readonly upstream: U;
  /** Its name here; two names of one repository of the upstream are one. */
  readonly local: string;
  /** Its name at the upstream. */
  readonly remote: string;
}

/** Finds the upstream of a repository by its name. */
export class UpstreamRoutes<U extends UpstreamNames = Upstream> {
  readonly #prefixed: readonly U[];
  readonly #fallback: U | undefined;

  constructor(upstreams: readonly U[]) {
    // The longest prefix says most.
    this.#prefixed = upstreams.filter(({ prefix }) => prefix !== "")
      .sort((a, b) => b.prefix.length - a.prefix.length);
    this.#fallback = upstreams.find(({ prefix }) => prefix === "");
  }

  /** All upstreams. */
  get upstreams(): readonly U[] {
    return this.#fallback === undefined ? this.#prefixed : [...this.#prefixed, this.#fallback];
  }

  /** Whether every repository is a copy. */
  get isEverything(): boolean {
    return this.#fallback !== undefined;
  }

  /** `undefined`: the repository is no copy. */
  find(repository: string): CopiedRepository<U> | undefined {
    const upstream =
      this.#prefixed.find(({ prefix }) =>
        repository.length > prefix.length + 1 && repository[prefix.length] === "/" &&
        repository.startsWith(prefix)
      ) ?? this.#fallback;
    if (upstream === undefined) return undefined;
    const { prefix, library } = upstream;
    const name = prefix === "" ? repository : repository.slice(prefix.length + 1);
    const remote = library !== "" && !name.includes("/") ? `${library}/${name}` : name;
    return { upstream, remote, local: localName(upstream, remote) };
  }
}

/** What a repository of an upstream is called here. */
export function localName({ prefix }: UpstreamNames, remote: string): string {
  return prefix === "" ? remote : `${prefix}/${remote}`;
}
