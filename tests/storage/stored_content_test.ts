import { assertEquals } from "@std/assert";
import { layersPath } from "../../src/storage/paths.ts";
import { listBlobs, listDigests, listRepositories } from "../../src/storage/stored_content.ts";
import { TestRegistry } from "../api/_registry.ts";

Deno.test("listRepositories names repositories with manifests or blobs, below each other too", async () => {
  const registry = new TestRegistry();
  await registry.pushBlob("a/b/only-blobs", "blob");
  await registry.pushImage("a/b");
  await registry.startUpload("only/uploads");
  assertEquals(await Array.fromAsync(listRepositories(registry.driver)), ["a/b", "a/b/only-blobs"]);
});

Deno.test("listDigests and listBlobs give digests, and pass over other names", async () => {
  const { driver } = new TestRegistry();
  assertEquals(await Array.fromAsync(listBlobs(driver)), []);
  const pushed = new TestRegistry({ driver });
  const digest = await pushed.pushBlob("foo", "blob");
  await driver.putContent("/docker/registry/v2/blobs/sha256/zz/stray", new Uint8Array());
  assertEquals(await Array.fromAsync(listBlobs(driver)), [digest]);
  assertEquals(await Array.fromAsync(listDigests(driver, layersPath("foo"))), [digest]);
});
