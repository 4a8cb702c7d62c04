import { StoreError } from "../storage/errors.ts";
import type { RegistryStore } from "../storage/store.ts";
import type { Copies } from "./copies.ts";
import { PullThroughBlobs } from "./pull_through_blobs.ts";
import { PullThroughCatalog } from "./pull_through_catalog.ts";
import { PullThroughManifests } from "./pull_through_manifests.ts";
import { PullThroughReferrers } from "./pull_through_referrers.ts";
import { PullThroughTags } from "./pull_through_tags.ts";
import { RefusedUploads } from "./refused_uploads.ts";

/** A registry some or all of whose repositories are copies of other registries'. */
export interface PullThroughStore extends RegistryStore {
  /** Ends what is on its way; what has arrived is kept for the next time. */
  close(): Promise<void>;
}

/**
 * Wraps a registry: repositories that have an upstream are filled from it as they are asked for,
 * and nobody may change them; all others are as they were.
 */
export function createPullThroughStore(copies: Copies): PullThroughStore {
  const blobs = new PullThroughBlobs(copies);
  const manifests = new PullThroughManifests(copies);
  return {
    blobs,
    uploads: new RefusedUploads(copies),
    manifests,
    tags: new PullThroughTags(copies, manifests),
    referrers: new PullThroughReferrers(copies, manifests),
    catalog: new PullThroughCatalog(copies),
    repositories: {
      async delete(repository) {
        if (copies.routes.find(repository) !== undefined) {
          throw new StoreError("pull_through_only", { repository });
        }
        await copies.own.repositories.delete(repository);
      },
    },
    async close() {
      await blobs.close();
      await copies.notes.settle();
    },
  };
}
