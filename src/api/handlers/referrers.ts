import { OCI_INDEX } from "../../oci/media_types.ts";
import { nextPageLink, parsePageSize } from "../pagination.ts";
import { jsonReply, type Reply } from "../reply.ts";
import type { RequestContext } from "../request_context.ts";

/** Largest page: a list of so many descriptors stays below the size that clients accept. */
const MAX_PAGE_SIZE = 1000;

/**
 * Lists the manifests that refer to one, as an index.
 *
 * Source: OCI distribution specification, "Listing Referrers".
 */
export async function getReferrers(context: RequestContext): Promise<Reply> {
  const { repository, digest, query, path } = context;
  const limit = Math.min(parsePageSize(query) ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE);
  const last = query.get("last") ?? "";
  const artifactType = query.get("artifactType") ?? "";
  const filter = artifactType === "" ? {} : { artifactType };
  const page = await context.store.referrers.list(repository, digest, {
    limit,
    ...last === "" ? {} : { last },
    ...filter,
  });
  const lastEntry = page.entries.at(-1);
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: page.entries };
  return jsonReply(index, {
    headers: {
      "content-type": OCI_INDEX,
      ...artifactType === "" ? {} : { "oci-filters-applied": "artifactType" },
      ...page.more && lastEntry !== undefined
        ? nextPageLink(path, { page, last: lastEntry.digest, limit, filter })
        : {},
    },
  });
}
