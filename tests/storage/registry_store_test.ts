import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { IdleError } from "../../src/base/read_pieces.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { OCI_IMAGE_CONFIG, OCI_MANIFEST } from "../../src/oci/media_types.ts";
import { isStoreError, StoreError, type StoreErrorCode } from "../../src/storage/errors.ts";
import { blobDataPath } from "../../src/storage/paths.ts";
import {
  createRegistryStore,
  type RegistryStoreOptions,
} from "../../src/storage/registry_store.ts";
import type { RegistryStore } from "../../src/storage/store.ts";
import { bodyOf, DriverDouble, FakeClock, filesOf, SILENT } from "./_doubles.ts";

const CONFIG = toBytes("{}");
const CONFIG_DIGEST = digestBytes(CONFIG);
const SUBJECT = digestBytes(toBytes("subject"));
const MANIFEST = toBytes(JSON.stringify({
  schemaVersion: 2,
  config: { mediaType: OCI_IMAGE_CONFIG, digest: CONFIG_DIGEST, size: 2 },
  layers: [],
  subject: { mediaType: OCI_MANIFEST, digest: SUBJECT, size: 7 },
}));
const DIGEST = digestBytes(MANIFEST);
const PUSH = { bytes: MANIFEST, mediaType: OCI_MANIFEST, tags: ["v1"] };

function storeOn(
  driver: DriverDouble,
  options: Partial<RegistryStoreOptions> = {},
): RegistryStore {
  return createRegistryStore(driver, {
    log: SILENT,
    deleteEnabled: true,
    manifestRules: { urls: { allow: [], deny: [] }, children: "all", blobs: true, classes: [] },
    tagLookupConcurrency: 10,
    ...options,
  });
}

async function pushImage(store: RegistryStore): Promise<void> {
  const upload = await store.uploads.start("foo");
  await store.uploads.commit(upload, CONFIG_DIGEST, { stream: bodyOf([CONFIG]) });
  await store.manifests.put("foo", PUSH);
}

async function refusal(call: Promise<unknown>, code: StoreErrorCode): Promise<StoreError> {
  const error = await assertRejects(() => call, StoreError);
  assert(isStoreError(error, code), error.message);
  return error;
}

Deno.test("createRegistryStore puts the parts over one storage", async () => {
  const driver = new DriverDouble();
  await pushImage(storeOn(driver));
  const store = storeOn(driver);

  assertEquals((await store.blobs.stat("foo", CONFIG_DIGEST)).sizeBytes, 2);
  assertEquals(await store.tags.get("foo", "v1"), DIGEST);
  assertEquals((await store.manifests.get("foo", DIGEST)).bytes, MANIFEST);
  assertEquals((await store.referrers.list("foo", SUBJECT, {})).entries.length, 1);
  assertEquals((await store.catalog.list({})).entries, ["foo"]);
});

Deno.test("createRegistryStore keeps blobs and manifests apart", async () => {
  const store = storeOn(new DriverDouble());
  await pushImage(store);

  await refusal(store.blobs.stat("foo", DIGEST), "blob_unknown");
  await refusal(store.manifests.get("foo", CONFIG_DIGEST), "manifest_unknown");
});

Deno.test("createRegistryStore hands the rules to the manifests", async () => {
  const strict = storeOn(new DriverDouble());
  await refusal(strict.manifests.put("foo", PUSH), "manifest_rejected");
  const manifestRules = { urls: undefined, children: "none", blobs: false, classes: [] } as const;
  const lax = storeOn(new DriverDouble(), { manifestRules });

  assertEquals((await lax.manifests.put("foo", PUSH)).digest, DIGEST);
});

Deno.test("createRegistryStore switches deleting off everywhere, but not cancelling", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver, { deleteEnabled: false });
  await pushImage(store);
  const before = await filesOf(driver);

  await refusal(store.blobs.delete("foo", CONFIG_DIGEST), "delete_disabled");
  await refusal(store.manifests.delete("foo", DIGEST), "delete_disabled");
  await refusal(store.tags.delete("foo", "v1"), "delete_disabled");
  await store.uploads.cancel(await store.uploads.start("foo"));

  assertEquals(await filesOf(driver), before);
});

Deno.test("createRegistryStore gives the clock to the uploads", async () => {
  const driver = new DriverDouble();
  const clock = new FakeClock(Date.UTC(2001, 1, 3, 4, 5, 6, 789));
  const { uploads } = storeOn(driver, { clock });

  const { id, startedAtMs } = await uploads.start("foo");

  assertEquals(startedAtMs, Date.UTC(2001, 1, 3, 4, 5, 6));
  assertEquals((await uploads.find("foo", id)).startedAtMs, startedAtMs);
});

Deno.test("createRegistryStore gives the idle time to the uploads", async () => {
  const { uploads } = storeOn(new DriverDouble(), { idleTimeoutMs: 20 });
  const upload = await uploads.start("foo");

  const call = uploads.append(upload, { stream: new ReadableStream() });

  assertInstanceOf((await refusal(call, "upload_interrupted")).cause, IdleError);
});

Deno.test("createRegistryStore keeps manifests in memory, unless it shall not", async () => {
  for (const [options, read] of [[{}, false], [{ manifestCacheBytes: 0 }, true]] as const) {
    const driver = new DriverDouble();
    const store = storeOn(driver, options);
    await pushImage(store);
    driver.calls.length = 0;
    await store.manifests.get("foo", DIGEST);
    assertEquals(driver.called("getContent", blobDataPath(DIGEST)), read);
  }
});
