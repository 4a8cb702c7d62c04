import { assert, assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { isStoreError, StoreError, type StoreErrorCode } from "../../src/storage/errors.ts";
import {
  revisionLinkPath,
  tagCurrentLinkPath,
  tagIndexLinkPath,
  tagPath,
} from "../../src/storage/paths.ts";
import { DriverTagStore } from "../../src/storage/tag_store.ts";
import {
  dieAfter,
  DriverDouble,
  FakeClock,
  filesOf,
  messages,
  recordLog,
  SILENT,
} from "./_doubles.ts";

const DIGEST_A = digestBytes(toBytes("a"));
const DIGEST_B = digestBytes(toBytes("b"));
const DIGEST_C = digestBytes(toBytes("c"));

function tagsOn(driver: DriverDouble, { deleteEnabled = true, log = SILENT } = {}): DriverTagStore {
  const clock = new FakeClock();
  return new DriverTagStore({ driver, deleteEnabled, lookupConcurrency: 2, clock, log });
}

async function assertRefused(call: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  const error = await assertRejects(() => call, StoreError);
  assert(isStoreError(error, code), error.message);
}

Deno.test("DriverTagStore.set points a tag, and the index remembers all it ever pointed at", async () => {
  const driver = new DriverDouble();
  const tags = tagsOn(driver);

  await tags.set("foo", "v1", DIGEST_A);
  assertEquals(await tags.get("foo", "v1"), DIGEST_A);
  await tags.set("foo", "v1", DIGEST_B);
  assertEquals(await tags.get("foo", "v1"), DIGEST_B);

  assertEquals(await filesOf(driver), {
    [tagCurrentLinkPath("foo", "v1")]: DIGEST_B,
    [tagIndexLinkPath("foo", "v1", DIGEST_A)]: DIGEST_A,
    [tagIndexLinkPath("foo", "v1", DIGEST_B)]: DIGEST_B,
  });
});

Deno.test("DriverTagStore.set that was cut short leaves the old tag or the new one", async () => {
  for (const [survived, expected] of [[0, DIGEST_A], [1, DIGEST_B]] as const) {
    const driver = new DriverDouble();
    await tagsOn(driver).set("foo", "v1", DIGEST_A);
    dieAfter(driver, survived);

    await assertRejects(() => tagsOn(driver).set("foo", "v1", DIGEST_B), DriverError);

    driver.before = () => {};
    assertEquals(await tagsOn(driver).get("foo", "v1"), expected);
  }
});

Deno.test("DriverTagStore.get reads the tag each time, so that replicas agree", async () => {
  const driver = new DriverDouble();
  const [one, other] = [tagsOn(driver), tagsOn(driver)];
  await one.set("foo", "v1", DIGEST_A);
  assertEquals(await other.get("foo", "v1"), DIGEST_A);

  await one.set("foo", "v1", DIGEST_B);

  assertEquals(await other.get("foo", "v1"), DIGEST_B);
});

Deno.test("DriverTagStore.get knows no other tag", async () => {
  const driver = new DriverDouble();
  const tags = tagsOn(driver);
  await tags.set("foo", "v1", DIGEST_A);

  for (const [repository, tag] of [["foo", "v2"], ["bar", "v1"], ["foo", "V1"]] as const) {
    const error = await assertRejects(() => tags.get(repository, tag), StoreError);
    assert(isStoreError(error, "tag_unknown"));
    assertEquals(error.detail, { repository, tag });
  }
});

Deno.test("DriverTagStore.get takes a damaged tag for none, and pushing mends it", async () => {
  const driver = new DriverDouble();
  const { log, records } = recordLog();
  const tags = tagsOn(driver, { log });
  await driver.putContent(tagCurrentLinkPath("foo", "v1"), toBytes(""));

  await assertRefused(tags.get("foo", "v1"), "tag_unknown");
  assertEquals(messages(records), ["warning: ignored a damaged link"]);

  await tags.set("foo", "v1", DIGEST_A);
  assertEquals(await tags.get("foo", "v1"), DIGEST_A);
});

Deno.test("DriverTagStore.delete removes a tag once, and no tag with a longer name", async () => {
  const driver = new DriverDouble();
  const tags = tagsOn(driver);
  for (const tag of ["v1", "v1.1"]) await tags.set("foo", tag, DIGEST_A);

  await tags.delete("foo", "v1");

  await assertRefused(tags.get("foo", "v1"), "tag_unknown");
  await assertRefused(tags.delete("foo", "v1"), "tag_unknown");
  await assertRefused(tags.delete("bar", "v1"), "tag_unknown");
  assertEquals(await tags.get("foo", "v1.1"), DIGEST_A);
  assertEquals((await tags.list("foo", {})).entries, ["v1.1"]);
});

Deno.test("DriverTagStore.delete touches nothing where deleting is switched off", async () => {
  const driver = new DriverDouble();
  const tags = tagsOn(driver, { deleteEnabled: false });
  await tags.set("foo", "v1", DIGEST_A);

  await assertRefused(tags.delete("foo", "v1"), "delete_disabled");
  await assertRefused(tags.delete("foo", "unknown"), "delete_disabled");

  assertEquals(await tags.get("foo", "v1"), DIGEST_A);
});

Deno.test("DriverTagStore.delete passes on a storage that fails", async () => {
  const driver = new DriverDouble();
  const tags = tagsOn(driver);
  await tags.set("foo", "v1", DIGEST_A);
  dieAfter(driver, 0);

  await assertRejects(() => tags.delete("foo", "v1"), DriverError);
});

Deno.test("DriverTagStore.list sorts by bytes and cuts pages", async () => {
  const tags = tagsOn(new DriverDouble());
  const sorted = ["10", "2", "Z", "_x", "a", "a-b", "a.b"];
  for (const tag of sorted.toReversed()) await tags.set("foo", tag, DIGEST_A);

  assertEquals(await tags.list("foo", {}), { entries: sorted, more: false });
  assertEquals(await tags.list("foo", { limit: 0 }), { entries: [], more: true });
  assertEquals(await tags.list("foo", { limit: 3 }), { entries: sorted.slice(0, 3), more: true });
  assertEquals(await tags.list("foo", { limit: 7 }), { entries: sorted, more: false });
  assertEquals(await tags.list("foo", { limit: 2 ** 63 }), { entries: sorted, more: false });
  assertEquals(await tags.list("foo", { last: "a", limit: 1 }), { entries: ["a-b"], more: true });
  assertEquals(await tags.list("foo", { last: "A" }), { entries: sorted.slice(2), more: false });
  assertEquals(await tags.list("foo", { last: "a.b" }), { entries: [], more: false });
  assertEquals(await tags.list("foo", { last: "\u{10ffff}" }), { entries: [], more: false });
});

Deno.test("DriverTagStore.list knows a repository by its manifests, not by its tags", async () => {
  const driver = new DriverDouble();
  const tags = tagsOn(driver);

  const error = await assertRejects(() => tags.list("foo", {}), StoreError);
  assert(isStoreError(error, "repository_unknown"));
  assertEquals(error.detail, { repository: "foo" });

  await driver.putContent(revisionLinkPath("foo", DIGEST_A), toBytes(DIGEST_A));
  assertEquals(await tags.list("foo", {}), { entries: [], more: false });

  await tags.set("foo", "v1", DIGEST_A);
  await tags.delete("foo", "v1");
  assertEquals(await tags.list("foo", {}), { entries: [], more: false });
});

Deno.test("DriverTagStore.pointingAt finds the tags of some digests, so many at a time", async () => {
  const driver = new DriverDouble();
  const tags = tagsOn(driver);
  for (const tag of ["1", "2", "3", "4", "5"]) await tags.set("foo", tag, DIGEST_A);
  for (const tag of ["6", "7"]) await tags.set("foo", tag, DIGEST_B);
  await tags.set("foo", "8", DIGEST_C);
  await tags.set("foo", "3", DIGEST_C);
  let [running, most] = [0, 0];
  driver.before = async ({ method }) => {
    if (method !== "getContent") return;
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve));
    running--;
  };

  const found = await tags.pointingAt("foo", new Set([DIGEST_A, DIGEST_B]));

  assertEquals(found.toSorted(), ["1", "2", "4", "5", "6", "7"]);
  assertEquals(most, 2);
  assertEquals(await tags.pointingAt("unknown", new Set([DIGEST_A])), []);
});

Deno.test("DriverTagStore.deletePointingAt leaves tags that point elsewhere meanwhile", async () => {
  const driver = new DriverDouble();
  const tags = tagsOn(driver, { deleteEnabled: false });
  await tags.set("foo", "same", DIGEST_A);
  await tags.set("foo", "moved", DIGEST_B);

  const digests = new Set([DIGEST_A]);
  await tags.deletePointingAt("foo", { tags: ["same", "moved", "gone"], digests });

  assertEquals((await tags.list("foo", {})).entries, ["moved"]);
  await assertRejects(() => driver.stat(tagPath("foo", "same")), DriverError);
});
