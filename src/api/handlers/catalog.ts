import { invalidPageSize, nextPageLink, parsePageSize } from "../pagination.ts";
import { jsonReply, type Reply } from "../reply.ts";
import type { RequestContext } from "../request_context.ts";

/** Page size where the client names none, unless the largest one allowed is smaller. */
const DEFAULT_PAGE_SIZE = 100;

/** Lists repositories. */
export async function getCatalog(context: RequestContext): Promise<Reply> {
  const { query, path, mayList, settings: { maxCatalogEntries } } = context;
  const asked = parsePageSize(query);
  if (asked !== undefined && asked > maxCatalogEntries) throw invalidPageSize(asked);
  const limit = asked ?? Math.min(DEFAULT_PAGE_SIZE, maxCatalogEntries);
  const last = query.get("last") ?? "";
  const page = await context.store.catalog.list({
    limit,
    ...last === "" ? {} : { last },
    ...mayList === undefined ? {} : { isVisible: mayList },
  });
  const lastEntry = page.entries.at(-1);
  // Unlike with tags, a full page alone does not promise that more follow.
  const headers = page.more && lastEntry !== undefined
    ? nextPageLink(path, { page, last: lastEntry, limit })
    : {};
  return jsonReply({ repositories: page.entries }, { headers });
}
