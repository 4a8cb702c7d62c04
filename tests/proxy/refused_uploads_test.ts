import { assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "../../src/storage/errors.ts";
import { startCache } from "./_cache.ts";

Deno.test("RefusedUploads refuses copies, and leaves other repositories alone", async () => {
  const { store } = await startCache({ prefix: "docker.io" });
  for (
    const call of [
      () => store.uploads.start("docker.io/a"),
      () => store.uploads.find("docker.io/a", "pull-through.sha256.0"),
    ]
  ) {
    const error = await assertRejects(call, StoreError);
    assertEquals((error as StoreError).code, "pull_through_only");
  }
  const upload = await store.uploads.start("team/a");
  assertEquals((await store.uploads.find("team/a", upload.id)).sizeBytes, 0);
  await store.uploads.cancel(upload);
});
