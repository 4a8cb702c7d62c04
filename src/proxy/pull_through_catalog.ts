import { compareNames } from "../base/bytes.ts";
import { isClientError } from "../client/errors.ts";
import { isRepositoryName } from "../oci/reference.ts";
import type { Catalog, CatalogRequest, Page } from "../storage/store.ts";
import type { Copies } from "./copies.ts";
import { pageOf } from "./page_of.ts";
import { localName, type Upstream } from "./upstream.ts";

interface KeptNames {
  readonly names: readonly string[];
  readonly untilMs: number;
}

/**
 * The catalog: what is here or, where that is wanted, also what the upstreams have. One that does
 * not tell is left out.
 */
export class PullThroughCatalog implements Catalog {
  readonly #copies: Copies;
  readonly #kept = new Map<Upstream, KeptNames>();

  constructor(copies: Copies) {
    this.#copies = copies;
  }

  async list(request: CatalogRequest): Promise<Page> {
    const { own, routes, settings } = this.#copies;
    if (settings.catalog === "cached") return await own.catalog.list(request);
    const { isVisible, ...page } = request;
    const { entries } = await own.catalog.list({});
    const listed = await Promise.all(routes.upstreams.map((upstream) => this.#ask(upstream)));
    const names = [...new Set([...entries, ...listed.flat()])].sort(compareNames);
    return pageOf(isVisible === undefined ? names : names.filter(isVisible), page);
  }

  /** The names here of all repositories of an upstream. */
  async #ask(upstream: Upstream): Promise<readonly string[]> {
    const { clock, settings, log } = this.#copies;
    const kept = this.#kept.get(upstream);
    if (kept !== undefined && clock.now() < kept.untilMs) return kept.names;
    let names: readonly string[] = [];
    try {
      const listed = await upstream.client.listRepositories();
      names = listed.map((name) => localName(upstream, name)).filter(isRepositoryName);
    } catch (error) {
      if (!isClientError(error)) throw error;
      log.warn("listed the repositories that are here: the upstream does not tell its own", {
        "proxy.upstream": upstream.host,
        "error.message": error.message,
      });
      names = kept?.names ?? [];
    }
    this.#kept.set(upstream, { names, untilMs: clock.now() + settings.freshnessMs });
    return names;
  }
}
