import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { layerLinkPath } from "../../src/storage/paths.ts";
import { statIfPresent } from "../../src/storage/if_present.ts";
import { Trash, type TrashEntry } from "../../src/storage/trash.ts";
import { FilesystemDriver } from "../../src/drivers/filesystem/driver.ts";
import { OCI_INDEX, TestRegistry, withQuery } from "../api/_registry.ts";
import { TempFolder } from "../support/temp.ts";
import { collectAt, isStored } from "./_collecting.ts";
import { dieAfter, DriverDouble } from "./_doubles.ts";

function newRegistry(): TestRegistry {
  return new TestRegistry({ store: { collected: true } });
}

async function aside({ driver }: TestRegistry): Promise<TrashEntry[]> {
  return await Array.fromAsync(new Trash(driver).entries());
}

Deno.test("collectOnline puts garbage aside after a grace, and removes it after another", async () => {
  const registry = newRegistry();
  const { driver } = registry;
  const kept = await registry.pushImage("foo", { reference: "v1" });
  const garbage = await registry.pushBlob("foo", "nobody needs it");
  assertEquals((await collectAt(driver, 0)).putAside, 0);
  assertEquals((await collectAt(driver, 1.1)).putAside, 1);
  assertEquals(await isStored(driver, garbage), false);
  assertEquals((await collectAt(driver, 2)).blobs, 0);
  const last = await collectAt(driver, 2.2);
  assertEquals([last.blobs, last.bytes, last.links], [1, 15, 1]);
  assertEquals(await aside(registry), []);
  assertEquals(await statIfPresent(driver, layerLinkPath("foo", garbage)), undefined);
  for (const digest of [kept.digest, kept.config, kept.layer]) {
    assertEquals(await isStored(driver, digest), true, digest);
  }
});

Deno.test("collectOnline takes nothing from a push that was told a blob is there", async () => {
  const asks = [
    {
      name: "HEAD",
      ask: (registry: TestRegistry, layer: string) =>
        registry.send("HEAD", `/v2/foo/blobs/${layer}`),
      status: 200,
    },
    {
      name: "GET",
      ask: (registry: TestRegistry, layer: string) =>
        registry.send("GET", `/v2/foo/blobs/${layer}`),
      status: 200,
    },
    {
      name: "mount",
      ask: (registry: TestRegistry, layer: string) =>
        registry.send("POST", `/v2/foo/blobs/uploads/?mount=${layer}&from=bar`),
      status: 201,
    },
  ];
  for (const { name, ask, status } of asks) {
    for (const when of ["before", "after"]) {
      const registry = newRegistry();
      const layer = await registry.pushBlob("foo", "a layer");
      await registry.pushBlob("bar", "a layer");
      if (when === "after") await collectAt(registry.driver, 1.1);
      const response = await ask(registry, layer);
      await response.body?.cancel();
      assertEquals(response.status, status, `${name} ${when}`);
      if (when === "before") await collectAt(registry.driver, 1.1);
      await registry.pushImage("foo", { layer: "a layer", reference: "v1" });
      for (const graces of [1.2, 2.5, 4]) await collectAt(registry.driver, graces);
      assertEquals(await isStored(registry.driver, layer), true, `${name} ${when}`);
    }
  }
});

Deno.test("collectOnline lets a manifest be pushed whose blobs are aside", async () => {
  const registry = newRegistry();
  const first = await registry.pushImage("foo", { reference: "v1" });
  await registry.send("DELETE", `/v2/foo/manifests/${first.digest}`);
  await collectAt(registry.driver, 1.1);
  assertEquals(await isStored(registry.driver, first.layer), false);
  // No blob is asked for: the client remembers that they are there.
  assertEquals((await registry.putManifest("foo", "v2", first.bytes)).status, 201);
  for (const graces of [2.2, 4]) await collectAt(registry.driver, graces);
  for (const digest of [first.digest, first.config, first.layer]) {
    assertEquals((await registry.send("GET", `/v2/foo/blobs/${first.layer}`)).status, 200, digest);
  }
});

Deno.test("collectOnline keeps what is pushed at any moment of its run", async () => {
  // The image's blobs are old garbage, so that only the manifest, pushed in the middle, saves them.
  for (let moment = 1; moment <= 12; moment++) {
    const registry = newRegistry();
    for (const layer of ["one", "two", "three"]) {
      await registry.pushImage(`a/${layer}`, { layer, reference: "v1" });
    }
    const image = await registry.pushImage("a/aaa", { layer: "old" });
    await registry.send("DELETE", `/v2/a/aaa/manifests/${image.digest}`);
    let steps = 0;
    const pace = async () => {
      if (++steps !== moment) return;
      const response = await registry.putManifest("a/aaa", "again", image.bytes);
      assertEquals(response.status, 201, String(moment));
    };
    await collectAt(registry.driver, 1.1, { pace });
    if (steps < moment) break;
    for (const graces of [2.2, 3.5]) await collectAt(registry.driver, graces);
    assertEquals(await isStored(registry.driver, image.layer), true, String(moment));
    assertEquals(await isStored(registry.driver, image.digest), true, String(moment));
  }
});

Deno.test("collectOnline that was paused removes nothing that came meanwhile", async () => {
  const registry = newRegistry();
  const layer = await registry.pushBlob("foo", "a layer");
  await collectAt(registry.driver, 1.1);
  let isPaused = true;
  const pace = async () => {
    if (!isPaused) return;
    isPaused = false;
    // Long after the mark began somebody asks for the blob, and another collector runs.
    assertEquals((await registry.send("HEAD", `/v2/foo/blobs/${layer}`)).status, 200);
    await registry.pushImage("foo", { layer: "a layer", reference: "v1" });
    await collectAt(registry.driver, 2.3);
  };
  await registry.pushImage("zoo", { reference: "v1" });
  await collectAt(registry.driver, 2.2, { pace });
  assertEquals(await isStored(registry.driver, layer), true);
});

Deno.test("collectOnline that dies at any change leaves nothing broken, and the next one goes on", async () => {
  const deleteUntagged = true;
  let deaths = 0;
  for (const dying of [1.1, 2.2, 3.3]) {
    for (let survived = 0;; survived++) {
      const registry = newRegistry();
      const { driver } = registry;
      const kept = await registry.pushImage("foo", { layer: "kept", reference: "v1" });
      const untagged = await registry.pushImage("foo", { layer: "untagged" });
      const lost = await registry.pushBlob("foo", "lost");
      for (let graces = 1.1; graces < dying; graces += 1.1) {
        await collectAt(driver, graces, { deleteUntagged });
      }
      const mortal = new DriverDouble(driver);
      dieAfter(mortal, survived);
      const about = `${survived} changes at ${dying}`;
      const died = await collectAt(mortal, dying, { deleteUntagged }).then(() => false, () => true);
      if (died) deaths++;
      assertEquals((await registry.send("GET", "/v2/foo/manifests/v1")).status, 200, about);
      for (const digest of [kept.layer, kept.config]) {
        assertEquals((await registry.send("GET", `/v2/foo/blobs/${digest}`)).status, 200, about);
      }
      // The last death may have brought everything back: it then goes after two graces more.
      for (let runs = 1; runs <= 5; runs++) {
        await collectAt(driver, dying + 1.1 * runs, { deleteUntagged });
      }
      for (const digest of [kept.digest, kept.config, kept.layer]) {
        assertEquals(await isStored(driver, digest), true, about);
      }
      for (const digest of [untagged.digest, untagged.layer, lost]) {
        assertEquals(await isStored(driver, digest), false, about);
      }
      assertEquals(await aside(registry), [], about);
      if (!died) break;
    }
  }
  assert(deaths >= 8, `it died ${deaths} times`);
});

Deno.test("collectOnline removes untagged manifests, with what only they need, one after another", async () => {
  const registry = newRegistry();
  const { driver } = registry;
  const kept = await registry.pushImage("foo", { layer: "kept", reference: "v1" });
  const untagged = await registry.pushImage("foo", { layer: "untagged" });
  const all = { deleteUntagged: true };
  assertEquals((await collectAt(driver, 0, all)).manifestsPutAside, 0);
  assertEquals((await collectAt(driver, 1.1, all)).manifestsPutAside, 1);
  assertEquals((await collectAt(driver, 2.2, all)).manifests, 1);
  await collectAt(driver, 3.3, all);
  await collectAt(driver, 4.4, all);
  assertEquals(await isStored(driver, untagged.digest), false);
  assertEquals(await isStored(driver, untagged.layer), false);
  assertEquals(await isStored(driver, kept.layer), true);
});

Deno.test("collectOnline gives an untagged manifest back to whoever asks for it", async () => {
  const registry = newRegistry();
  const child = await registry.pushImage("foo");
  const all = { deleteUntagged: true };
  await collectAt(registry.driver, 1.1, all);
  assertEquals((await aside(registry)).length, 1);
  const index = toBytes(JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [{
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      digest: child.digest,
      size: 1,
    }],
  }));
  assertEquals((await registry.putManifest("foo", "all", index, OCI_INDEX)).status, 201);
  for (const graces of [2.2, 3.3]) await collectAt(registry.driver, graces, all);
  const response = await registry.send("GET", `/v2/foo/manifests/${child.digest}`);
  assertEquals(response.status, 200);
});

Deno.test("collectOnline brings nothing back that a client has deleted", async () => {
  const registry = newRegistry();
  const image = await registry.pushImage("foo");
  await collectAt(registry.driver, 1.1, { deleteUntagged: true });
  const path = `/v2/foo/manifests/${image.digest}`;
  assertEquals((await registry.send("DELETE", path)).status, 202);
  assertEquals((await registry.send("GET", path)).status, 404);
  assertEquals(await aside(registry), []);
});

Deno.test("collectOnline removes other digests of content that has gone", async () => {
  const registry = newRegistry();
  const content = toBytes("known by two names");
  const digest = digestBytes(content, "sha512");
  const location = await registry.startUpload("foo");
  await registry.send("PUT", withQuery(location, { digest }), { body: content });
  for (const graces of [1.1, 2.2, 3.3]) await collectAt(registry.driver, graces);
  const left = await Array.fromAsync(registry.driver.walk("/docker/registry/v2"));
  assertEquals(left.filter(({ isDirectory }) => !isDirectory).map(({ path }) => path), []);
});

Deno.test("collectOnline removes what writers that died have left, a grace later", async () => {
  await using temp = await TempFolder.make();
  const driver = new FilesystemDriver({ rootDirectory: temp.path });
  const registry = new TestRegistry({ store: { collected: true }, driver });
  const { layer } = await registry.pushImage("foo", { reference: "v1" });
  const folder = temp.path + layerLinkPath("foo", layer).replace(/\/link$/, "");
  await Deno.writeTextFile(`${folder}/.${crypto.randomUUID()}.tmp`, "sha2");
  const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name);
  await collectAt(driver, 0.9);
  assertEquals(names().length, 2);
  await collectAt(driver, 1.1);
  assertEquals(names(), ["link"]);
});
