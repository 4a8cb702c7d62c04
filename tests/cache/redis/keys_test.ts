import { assertEquals } from "@std/assert";
import {
  blobKey,
  manifestsKey,
  removedKey,
  repositoryBlobKey,
  repositoryKey,
} from "../../../src/cache/redis/keys.ts";
import { parseDigest } from "../../../src/oci/digest.ts";

Deno.test("the keys of blobs are Distribution's, and ours share the slot of the set", () => {
  const hex = "0123456789abcdef".repeat(4);
  const digest = parseDigest(`sha256:${hex}`);
  const content = { repository: "foo/bar", digest };

  assertEquals(blobKey(digest), `blobs::sha256:${hex}`);
  assertEquals(repositoryKey("foo/bar"), "repository::foo/bar::blobs");
  assertEquals(repositoryBlobKey(content), `repository::foo/bar::blobs::sha256:${hex}`);
  assertEquals(manifestsKey("foo/bar"), "{repository::foo/bar::blobs}::manifests");
  assertEquals(removedKey(content), `{repository::foo/bar::blobs}::removed::sha256:${hex}`);
});
