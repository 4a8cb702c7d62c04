import { emptyReply, type Reply } from "../reply.ts";
import type { RequestContext } from "../request_context.ts";

/** Removes a repository with all that is in it. */
export async function deleteRepository({ repository, store }: RequestContext): Promise<Reply> {
  await store.repositories.delete(repository);
  return emptyReply(202, {});
}
