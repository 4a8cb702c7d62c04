import { isStoreError } from "../../storage/errors.ts";
import type { Page } from "../../storage/store.ts";
import { nextPageLink, parsePageSize } from "../pagination.ts";
import { jsonReply, type Reply } from "../reply.ts";
import type { RequestContext } from "../request_context.ts";

/** Lists the tags of a repository. */
export async function getTags(context: RequestContext): Promise<Reply> {
  const { repository, query, path, settings: { maxTags } } = context;
  const asked = parsePageSize(query);
  const limit = asked === undefined ? undefined : Math.min(asked, maxTags);
  const last = query.get("last") ?? "";
  const page = await context.store.tags.list(repository, {
    ...limit === undefined ? {} : { limit },
    ...last === "" ? {} : { last },
  }).catch((error: unknown) => emptyIfNothingAsked(error, limit));
  const lastEntry = page.entries.at(-1);
  // Every full page has a link, even the last one: clients of Distribution count on it.
  const headers = lastEntry !== undefined && page.entries.length === limit
    ? nextPageLink(path, { page, last: lastEntry, limit })
    : {};
  return jsonReply({ name: repository, tags: page.entries }, { headers });
}

/** Who asks for no tags gets none, whether the repository exists or not. */
function emptyIfNothingAsked(error: unknown, limit: number | undefined): Page {
  if (limit === 0 && isStoreError(error, "repository_unknown")) {
    return { entries: [], more: false };
  }
  throw error;
}
