import { assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { FilesystemDriver } from "../../src/drivers/filesystem/driver.ts";
import { StoreError } from "../../src/storage/errors.ts";
import { blobDataPath, layerLinkPath } from "../../src/storage/paths.ts";
import { statIfPresent } from "../../src/storage/if_present.ts";
import { OCI_MANIFEST, TestRegistry } from "../api/_registry.ts";
import { TempFolder } from "../support/temp.ts";
import { collect, GRACE_MS, isStored, pushIndex } from "./_collecting.ts";
import { dieAfter, DriverDouble } from "./_doubles.ts";

Deno.test("collectGarbage of a storage that holds nothing does nothing", async () => {
  const { driver } = new TestRegistry();
  assertEquals(await collect(driver), {
    repositories: 0,
    marked: 0,
    blobs: 0,
    bytes: 0,
    manifests: 0,
    layerLinks: 0,
    referrers: 0,
  });
});

Deno.test("collectGarbage prints what it does as Distribution's collector", async () => {
  const registry = new TestRegistry();
  const image = await registry.pushImage("foo", { reference: "v1" });
  const old = await registry.pushImage("foo", { layer: "old" });
  const lines: string[] = [];
  await collect(registry.driver, { deleteUntagged: true, dryRun: true, lines });
  const isBlob = (line: string) => line.startsWith("blob eligible");
  const sorted = [...lines.slice(0, -3), ...lines.slice(-3).filter(isBlob).sort(), lines.at(-1)];
  assertEquals(sorted, [
    "foo",
    `foo: marking manifest ${image.digest} `,
    `foo: marking blob ${image.config}`,
    `foo: marking blob ${image.layer}`,
    `manifest eligible for deletion: {foo ${old.digest} [v1]}`,
    "\n3 blobs marked, 2 blobs and 1 manifests eligible for deletion",
    ...[old.digest, old.layer].sort().map((digest) => `blob eligible for deletion: ${digest}`),
    `foo: layer link eligible for deletion: ${old.layer}`,
  ]);
  assertEquals(await isStored(registry.driver, old.layer), true);
});

Deno.test("collectGarbage keeps what is tagged, children of indexes and referrers of both", async () => {
  const registry = new TestRegistry();
  const child = await registry.pushImage("foo", { layer: "child" });
  await pushIndex(registry, child);
  const subject = { mediaType: OCI_MANIFEST, digest: child.digest, size: child.bytes.length };
  const signature = await registry.pushImage("foo", { layer: "signature", fields: { subject } });
  const untagged = await registry.pushImage("foo", { layer: "untagged" });
  const about = { ...subject, digest: untagged.digest };
  const lost = await registry.pushImage("foo", { layer: "lost", fields: { subject: about } });
  const summary = await collect(registry.driver, { deleteUntagged: true });
  assertEquals([summary.manifests, summary.referrers], [2, 1]);
  for (const { digest, layer } of [child, signature]) {
    assertEquals(await isStored(registry.driver, layer), true);
    assertEquals((await registry.send("GET", `/v2/foo/manifests/${digest}`)).status, 200);
  }
  for (const { digest, layer } of [untagged, lost]) {
    assertEquals(await isStored(registry.driver, layer), false);
    assertEquals((await registry.send("GET", `/v2/foo/manifests/${digest}`)).status, 404);
  }
});

Deno.test("collectGarbage takes away links of repositories that hold blobs only", async () => {
  const registry = new TestRegistry();
  const blob = await registry.pushBlob("only/blobs", "nobody needs it");
  await registry.pushImage("foo", { reference: "v1" });
  const summary = await collect(registry.driver);
  assertEquals([summary.blobs, summary.layerLinks], [1, 1]);
  const link = layerLinkPath("only/blobs", blob);
  assertEquals(await statIfPresent(registry.driver, link), undefined);
});

Deno.test("collectGarbage removes nothing where a manifest is damaged", async () => {
  const registry = new TestRegistry();
  const image = await registry.pushImage("foo", { reference: "v1" });
  const garbage = await registry.pushBlob("foo", "garbage");
  await registry.driver.putContent(blobDataPath(image.digest), toBytes("{}"));
  await assertRejects(() => collect(registry.driver), StoreError, "damaged");
  assertEquals(await isStored(registry.driver, garbage), true);
});

Deno.test("collectGarbage that ends at any point leaves nothing broken", async () => {
  for (let survived = 0;; survived++) {
    const driver = new DriverDouble();
    const registry = new TestRegistry({ driver, settings: { redirect: false } });
    const kept = await registry.pushImage("foo", { reference: "v1" });
    await registry.pushImage("foo", { layer: "old" });
    await registry.pushBlob("bar", "garbage");
    dieAfter(driver, survived);
    const died = await collect(driver, { deleteUntagged: true }).then(() => false, () => true);
    driver.before = () => {};
    for (const path of [`manifests/v1`, `blobs/${kept.layer}`, `blobs/${kept.config}`]) {
      const response = await registry.send("GET", `/v2/foo/${path}`);
      assertEquals(response.status, 200, `${survived}: ${path}`);
    }
    const after = await collect(driver, { deleteUntagged: true });
    assertEquals(after.marked, 3);
    assertEquals((await collect(driver, { deleteUntagged: true })).blobs, 0);
    if (!died) break;
  }
});

Deno.test("collectGarbage removes what writers that died have left, unless it is young", async () => {
  await using temp = await TempFolder.make();
  const driver = new FilesystemDriver({ rootDirectory: temp.path });
  const registry = new TestRegistry({ driver });
  const { layer } = await registry.pushImage("foo", { reference: "v1" });
  const folder = temp.path + layerLinkPath("foo", layer).replace(/\/link$/, "");
  const leftover = `${folder}/.${crypto.randomUUID()}.tmp`;
  await Deno.writeTextFile(leftover, "sha2");
  const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  const nextHour = new Date(Date.now() + 2 * GRACE_MS);
  await Deno.utime(leftover, nextHour, nextHour);
  await collect(driver);
  assertEquals(names().length, 2);
  await Deno.utime(leftover, new Date(0), new Date(0));
  await collect(driver, { dryRun: true });
  assertEquals(names().length, 2);
  await collect(driver);
  assertEquals(names(), ["link"]);
});
