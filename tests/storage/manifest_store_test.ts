import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { ManifestError } from "../../src/oci/manifest.ts";
import {
  DOCKER_MANIFEST,
  OCI_IMAGE_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
  SCHEMA1_MANIFEST,
} from "../../src/oci/media_types.ts";
import { isStoreError, StoreError, type StoreErrorCode } from "../../src/storage/errors.ts";
import type { ManifestRules } from "../../src/storage/manifest_rules.ts";
import {
  blobAliasPath,
  blobDataPath,
  layerLinkPath,
  revisionLinkPath,
} from "../../src/storage/paths.ts";
import {
  createRegistryStore,
  type RegistryStoreOptions,
} from "../../src/storage/registry_store.ts";
import type { RegistryStore } from "../../src/storage/store.ts";
import { dieAfter, DriverDouble, filesOf, SILENT } from "./_doubles.ts";

const NO_RULES: ManifestRules = { urls: undefined, children: "none", blobs: false, classes: [] };
const CONFIG = toBytes("{}");
const CONFIG_DIGEST = digestBytes(CONFIG);
const SUBJECT = digestBytes(toBytes("subject"));

/** An image without layers; `note` makes it another one. */
function image(note: string, fields: Readonly<Record<string, unknown>> = {}) {
  const config = { mediaType: OCI_IMAGE_CONFIG, digest: CONFIG_DIGEST, size: 2 };
  const annotations = { note };
  return toBytes(JSON.stringify({ schemaVersion: 2, config, layers: [], annotations, ...fields }));
}

const BYTES = image("a");
const CANONICAL = digestBytes(BYTES);
const ALIAS = digestBytes(BYTES, "sha512");

function storeOn(driver: DriverDouble, options: Partial<RegistryStoreOptions> = {}): RegistryStore {
  return createRegistryStore(driver, {
    log: SILENT,
    deleteEnabled: true,
    manifestRules: NO_RULES,
    tagLookupConcurrency: 2,
    ...options,
  });
}

function put(
  store: RegistryStore,
  { bytes = BYTES, tags = [], digest, repository = "foo", mediaType = OCI_MANIFEST }: {
    bytes?: Uint8Array<ArrayBuffer>;
    tags?: readonly string[];
    digest?: Digest;
    repository?: string;
    mediaType?: string;
  } = {},
) {
  const named = digest === undefined ? {} : { digest };
  return store.manifests.put(repository, { bytes, mediaType, tags, ...named });
}

async function refusal(call: Promise<unknown>, code: StoreErrorCode): Promise<StoreError> {
  const error = await assertRejects(() => call, StoreError);
  assert(isStoreError(error, code), error.message);
  return error;
}

Deno.test("LinkedManifestStore.put stores exactly the bytes, in Distribution's layout", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver);

  const pushed = await put(store);

  assertEquals(pushed, { digest: CANONICAL });
  assertEquals(await store.manifests.get("foo", CANONICAL), {
    digest: CANONICAL,
    mediaType: OCI_MANIFEST,
    bytes: BYTES,
  });
  assertEquals(await filesOf(driver), {
    [blobDataPath(CANONICAL)]: new TextDecoder().decode(BYTES),
    [revisionLinkPath("foo", CANONICAL)]: CANONICAL,
  });
});

Deno.test("LinkedManifestStore.put by an alias names the content under both digests", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver);

  const pushed = await put(store, { digest: ALIAS, tags: ["v1"] });

  assertEquals(pushed, { digest: ALIAS });
  assertEquals((await store.manifests.get("foo", ALIAS)).digest, ALIAS);
  assertEquals((await store.manifests.get("foo", CANONICAL)).digest, CANONICAL);
  assertEquals(await store.tags.get("foo", "v1"), ALIAS);
  const files = await filesOf(driver);
  assertEquals(files[revisionLinkPath("foo", ALIAS)], CANONICAL);
  assertEquals(files[revisionLinkPath("foo", CANONICAL)], CANONICAL);
  assertEquals(files[blobAliasPath(ALIAS)], CANONICAL);
});

Deno.test("LinkedManifestStore.put refuses bytes of another digest, and stores nothing", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver);

  for (const algorithm of ["sha256", "sha384", "sha512"] as const) {
    const expected = digestBytes(toBytes("other"), algorithm);
    const error = await refusal(put(store, { digest: expected }), "digest_mismatch");
    assertEquals(error.detail, { expected });
  }
  assertEquals(driver.changes, []);
});

Deno.test("LinkedManifestStore.put refuses what is no manifest, and stores nothing", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver);

  for (const [text, mediaType] of [["{", OCI_MANIFEST], ["{}", "text/plain"], ["{}", ""]]) {
    const push = { bytes: toBytes(text ?? ""), ...mediaType === undefined ? {} : { mediaType } };
    await assertRejects(() => put(store, push), ManifestError);
  }
  assertEquals(driver.changes, []);
});

Deno.test("LinkedManifestStore.put lists all that is missing, and stores nothing", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver, { manifestRules: { ...NO_RULES, blobs: true, children: "all" } });
  const layer = digestBytes(toBytes("layer"));
  const bytes = image("a", { layers: [{ mediaType: "a/b", digest: layer, size: 5 }] });

  const error = await refusal(put(store, { bytes }), "manifest_rejected");

  assertEquals(error.detail, {
    problems: [CONFIG_DIGEST, layer].map((digest) => ({ code: "content_unknown", digest })),
  });
  assertEquals(driver.changes, []);
});

Deno.test("LinkedManifestStore.put asks for a link and the content behind it", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver, { manifestRules: { ...NO_RULES, blobs: true } });
  await driver.putContent(layerLinkPath("foo", CONFIG_DIGEST), toBytes(CONFIG_DIGEST));
  await refusal(put(store), "manifest_rejected");
  await driver.putContent(blobDataPath(CONFIG_DIGEST), CONFIG);
  await refusal(put(store, { repository: "bar" }), "manifest_rejected");

  assertEquals(await put(store), { digest: CANONICAL });
});

Deno.test("LinkedManifestStore.put takes children that are manifests or blobs of the repository", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver, { manifestRules: { ...NO_RULES, children: "all" } });
  await put(store);
  await put(store, { bytes: image("elsewhere"), repository: "bar" });
  await driver.putContent(blobDataPath(CONFIG_DIGEST), CONFIG);
  await driver.putContent(layerLinkPath("foo", CONFIG_DIGEST), toBytes(CONFIG_DIGEST));
  const index = (digest: Digest) => {
    const manifests = [{ mediaType: OCI_MANIFEST, digest, size: 1 }];
    return toBytes(JSON.stringify({ schemaVersion: 2, manifests }));
  };
  const push = (digest: Digest) => put(store, { bytes: index(digest), mediaType: OCI_INDEX });

  await push(CANONICAL);
  await push(CONFIG_DIGEST);
  await refusal(push(digestBytes(image("elsewhere"))), "manifest_rejected");
});

Deno.test("LinkedManifestStore.put names the subject, and lists the manifest below it", async () => {
  const store = storeOn(new DriverDouble());
  const subject = { mediaType: OCI_MANIFEST, digest: SUBJECT, size: 7 };

  const pushed = await put(store, { bytes: image("a", { subject }) });

  assertEquals(pushed.subject, SUBJECT);
  const { entries } = await store.referrers.list("foo", SUBJECT, {});
  assertEquals(entries.map(({ digest }) => digest), [pushed.digest]);
});

/** Every digest and tag that a push may set. */
async function visible(driver: DriverDouble, digest: Digest): Promise<Record<string, boolean>> {
  const store = storeOn(driver);
  const holds = (call: Promise<unknown>) => call.then(() => true, () => false);
  const { entries } = await store.referrers.list("foo", SUBJECT, {});
  return {
    manifest: await holds(store.manifests.get("foo", digest)),
    referrer: entries.some((entry) => entry.digest === digest),
    tag: await holds(store.tags.get("foo", "v2")),
  };
}

Deno.test("LinkedManifestStore.put cut short anywhere leaves no tag or referrer in the air", async () => {
  const subject = { mediaType: OCI_MANIFEST, digest: SUBJECT, size: 7 };
  const bytes = image("new", { subject });
  const canonical = digestBytes(bytes);
  const digest = digestBytes(bytes, "sha512");
  const seen: string[] = [];
  for (let survived = 0;; survived++) {
    const driver = new DriverDouble();
    await put(storeOn(driver), { tags: ["v1"] });
    const before = driver.changes.length;
    dieAfter(driver, survived);
    const done = await put(storeOn(driver), { bytes, digest, tags: ["v2"] })
      .then(() => true, () => false);
    assert(driver.changes.length - before <= survived + 1);
    driver.before = () => {};

    const { manifest, referrer, tag } = await visible(driver, canonical);
    const alias = await visible(driver, digest);
    assert(manifest || !(referrer || tag || alias.manifest || alias.referrer), `${survived}`);
    assert(alias.manifest || !tag, `${survived}: the tag names the alias`);
    assertEquals(await storeOn(driver).tags.get("foo", "v1"), CANONICAL);
    // Pushing again always mends it.
    await put(storeOn(driver), { bytes, digest, tags: ["v2"] });
    assertEquals(await visible(driver, digest), { manifest: true, referrer: true, tag: true });
    seen.push(`${manifest}`);
    if (done) break;
  }
  assert(seen.includes("false") && seen.includes("true"));
});

Deno.test("LinkedManifestStore.put writes content, referrer, links and tags in this order", async () => {
  const driver = new DriverDouble();
  const subject = { mediaType: OCI_MANIFEST, digest: SUBJECT, size: 7 };
  const bytes = image("a", { subject });

  await put(storeOn(driver), { bytes, digest: digestBytes(bytes, "sha512"), tags: ["v1", "v2"] });

  const parts = driver.changes.map((change) =>
    /blobs\/sha\d+|_referrers|revisions\/sha\d+|tags\/v\d\/[a-z]+/.exec(change)?.[0]
  );
  assertEquals(parts, [
    "blobs/sha256",
    "blobs/sha512",
    "_referrers",
    "revisions/sha256",
    "revisions/sha512",
    "tags/v1/current",
    "tags/v1/index",
    "tags/v2/current",
    "tags/v2/index",
  ]);
});

Deno.test("LinkedManifestStore.get looks at the link each time, and reads the bytes once", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver);
  const other = storeOn(driver);
  await put(other);
  driver.calls.length = 0;

  const first = await store.manifests.get("foo", CANONICAL);
  const second = await store.manifests.get("foo", CANONICAL);

  assertStrictEquals(second.bytes, first.bytes);
  const read = driver.calls.filter(({ path }) => path === blobDataPath(CANONICAL));
  assertEquals(read.length, 1);
  await other.manifests.delete("foo", CANONICAL);
  const error = await refusal(store.manifests.get("foo", CANONICAL), "manifest_unknown");
  assertEquals(error.detail, { repository: "foo", digest: CANONICAL });
});

Deno.test("LinkedManifestStore.get of one repository does not serve another from memory", async () => {
  const store = storeOn(new DriverDouble());
  await put(store);

  await refusal(store.manifests.get("bar", CANONICAL), "manifest_unknown");
});

Deno.test("LinkedManifestStore.get without memory reads the bytes each time", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver, { manifestCacheBytes: 0 });
  await put(store);
  driver.calls.length = 0;

  for (let time = 0; time < 3; time++) await store.manifests.get("foo", CANONICAL);

  const read = driver.calls.filter(({ path }) => path === blobDataPath(CANONICAL));
  assertEquals(read.length, 3);
});

Deno.test("LinkedManifestStore.get keeps no more in memory than it may", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver, { manifestCacheBytes: BYTES.byteLength + 10 });
  const large = image("x".repeat(1000));
  await put(store);
  await put(store, { bytes: image("b") });
  await put(store, { bytes: large });
  const reads = async (bytes: Uint8Array) => {
    driver.calls.length = 0;
    assertEquals((await store.manifests.get("foo", digestBytes(bytes))).bytes, bytes);
    return driver.called("getContent", blobDataPath(digestBytes(bytes)));
  };

  assertEquals(await reads(large), true);
  assertEquals(await reads(BYTES), true);
  assertEquals(await reads(BYTES), false);
  assertEquals(await reads(image("b")), true);
});

Deno.test("LinkedManifestStore.get says what a stored document is, as old as it may be", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver);
  const documents = {
    [OCI_MANIFEST]: '{"schemaVersion":2,"config":{},"layers":[]}',
    [OCI_INDEX]: '{"schemaVersion":2,"manifests":[]}',
    [DOCKER_MANIFEST]: `{"schemaVersion":2,"mediaType":"${DOCKER_MANIFEST}"}`,
    [SCHEMA1_MANIFEST]: '{"schemaVersion":1,"name":"foo","fsLayers":[]}',
  };

  for (const [mediaType, document] of Object.entries(documents)) {
    const digest = digestBytes(toBytes(document));
    await driver.putContent(blobDataPath(digest), toBytes(document));
    await driver.putContent(revisionLinkPath("foo", digest), toBytes(digest));
    assertEquals((await store.manifests.get("foo", digest)).mediaType, mediaType);
  }
});

Deno.test("LinkedManifestStore.get tells damaged content from content that is gone", async () => {
  const driver = new DriverDouble();
  let store = storeOn(driver);
  await driver.putContent(revisionLinkPath("foo", CANONICAL), toBytes(CANONICAL));
  await refusal(store.manifests.get("foo", CANONICAL), "manifest_unknown");
  for (const damaged of [new Uint8Array(0), toBytes("{"), image("b"), BYTES.subarray(1)]) {
    await driver.putContent(blobDataPath(CANONICAL), damaged);
    const error = await refusal(store.manifests.get("foo", CANONICAL), "content_damaged");
    assertEquals(error.detail, { digest: CANONICAL });
    await put(store);
    assertEquals((await storeOn(driver).manifests.get("foo", CANONICAL)).bytes, BYTES);
    store = storeOn(driver);
  }
});

Deno.test("LinkedManifestStore.get gives no other content out as a manifest", async () => {
  const driver = new DriverDouble();
  for (const text of ["", "[]", "a layer", '{"schemaVersion":2,"mediaType":"a/b"}']) {
    const digest = digestBytes(toBytes(text));
    await driver.putContent(blobDataPath(digest), toBytes(text));
    await driver.putContent(revisionLinkPath("foo", digest), toBytes(digest));
    await refusal(storeOn(driver).manifests.get("foo", digest), "content_damaged");
  }
});

Deno.test("LinkedManifestStore.delete takes a manifest and its tags, by any of its digests", async () => {
  for (const digest of [CANONICAL, ALIAS]) {
    const driver = new DriverDouble();
    const store = storeOn(driver);
    await put(store, { tags: ["a", "b"] });
    await put(store, { digest: ALIAS, tags: ["c"] });
    await put(store, { bytes: image("other"), tags: ["b", "d"] });
    await put(store, { repository: "bar", tags: ["a"] });

    assertEquals((await store.manifests.delete("foo", digest)).toSorted(), ["a", "c"]);

    for (const gone of [CANONICAL, ALIAS]) {
      await refusal(store.manifests.get("foo", gone), "manifest_unknown");
      await refusal(store.manifests.delete("foo", gone), "manifest_unknown");
    }
    assertEquals((await store.tags.list("foo", {})).entries, ["b", "d"]);
    assertEquals(await store.tags.get("bar", "a"), CANONICAL);
    assertEquals((await store.manifests.get("bar", CANONICAL)).bytes, BYTES);
    await put(store);
    assertEquals((await store.manifests.get("foo", CANONICAL)).bytes, BYTES);
  }
});

Deno.test("LinkedManifestStore.delete that was cut short can be repeated, and finds all the tags", async () => {
  for (let survived = 0; survived < 3; survived++) {
    const driver = new DriverDouble();
    await put(storeOn(driver), { tags: ["a", "b"] });
    dieAfter(driver, survived);
    await assertRejects(() => storeOn(driver).manifests.delete("foo", CANONICAL), DriverError);
    driver.before = () => {};

    assertEquals((await storeOn(driver).manifests.get("foo", CANONICAL)).bytes, BYTES);
    await storeOn(driver).manifests.delete("foo", CANONICAL);

    assertEquals((await storeOn(driver).tags.list("foo", {})).entries, []);
    await refusal(storeOn(driver).manifests.get("foo", CANONICAL), "manifest_unknown");
  }
});

Deno.test("LinkedManifestStore.delete does not mind a tag that goes or moves meanwhile", async () => {
  const driver = new DriverDouble();
  const [store, replica] = [storeOn(driver), storeOn(driver)];
  const other = image("other");
  await put(store, { tags: ["gone", "moved", "stays"] });
  await put(store, { bytes: other });
  let raced = false;
  driver.before = async ({ method }) => {
    if (method !== "delete" || raced) return;
    raced = true;
    await replica.tags.delete("foo", "gone");
    await put(replica, { bytes: other, tags: ["moved"] });
  };

  await store.manifests.delete("foo", CANONICAL);

  assertEquals((await store.tags.list("foo", {})).entries, ["moved"]);
  assertEquals(await store.tags.get("foo", "moved"), digestBytes(other));
});

Deno.test("LinkedManifestStore.delete touches nothing where deleting is switched off", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver, { deleteEnabled: false });
  await put(store, { tags: ["v1"] });
  const { length } = driver.changes;

  await refusal(store.manifests.delete("foo", CANONICAL), "delete_disabled");
  await refusal(store.manifests.delete("foo", SUBJECT), "delete_disabled");

  assertEquals(driver.changes.length, length);
});

Deno.test("LinkedManifestStore.put and delete at once leave no tag that points at nothing", async () => {
  const driver = new DriverDouble();
  const store = storeOn(driver);
  // Every call takes a turn of the loop, so that the two really mix.
  driver.before = () => new Promise((resolve) => setTimeout(resolve));
  for (let round = 0; round < 5; round++) {
    await put(store, { tags: ["v1"] });

    await Promise.allSettled([
      store.manifests.delete("foo", CANONICAL),
      put(store, { tags: ["v2"] }),
      store.tags.delete("foo", "v1"),
      put(store, { tags: ["v3"] }),
    ]);

    for (const tag of (await store.tags.list("foo", {})).entries) {
      const digest = await store.tags.get("foo", tag);
      assertEquals((await store.manifests.get("foo", digest)).bytes, BYTES);
    }
  }
});
