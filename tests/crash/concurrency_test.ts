import { assertEquals } from "@std/assert";
import { brokenBlobs, storedDigests } from "../support/blob_files.ts";
import { blobsOf, makeImage, makeIndex, manifestsOf } from "../support/images.ts";
import { listTags, pushImage, verifyImage } from "../support/registry_client.ts";
import { startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";

/** How many clients push at the same time. */
const CLIENTS = 64;

Deno.test(`serve takes the same and different images of ${CLIENTS} clients at once`, async () => {
  await using temp = await TempFolder.make();
  await using registry = await startTestedRegistry({ folder: temp.path });
  const same = await makeIndex({ seed: "crowd/same", layerSizes: [1000, 200_000] });
  const own = await Promise.all(
    Array.from(
      { length: CLIENTS },
      (_, client) => makeImage({ seed: `crowd/${client}`, layerSizes: [500, 100_000] }),
    ),
  );
  const crowd = { url: registry.url, name: "crowd" };
  await Promise.all(own.map(async (image, client) => {
    const alone = { url: registry.url, name: `alone/${client}` };
    // Half of them meet at the same image first, the others come to it later.
    const pushes = [
      () => pushImage(crowd, { image: same, tag: "same" }),
      () => pushImage(crowd, { image, tag: `client-${client}` }),
      () => pushImage(alone, { image, tag: "v1" }),
      () => pushImage(crowd, { image, tag: "contested" }),
    ];
    if (client % 2 === 1) pushes.reverse();
    for (const push of pushes) await push();
  }));
  await verifyImage(crowd, { image: same, reference: "same" });
  await Promise.all(own.map(async (image, client) => {
    await verifyImage(crowd, { image, reference: `client-${client}` });
    const alone = { url: registry.url, name: `alone/${client}` };
    await verifyImage(alone, { image, reference: "v1" });
  }));
  const tags = ["same", "contested", ...own.map((_, client) => `client-${client}`)];
  assertEquals([...await listTags(crowd)].sort(), tags.sort());
  assertEquals(await brokenBlobs(temp.join("data")), []);
  const pushed = [same, ...own].flatMap((image) => [...blobsOf(image), ...manifestsOf(image)]);
  assertEquals(
    [...await storedDigests(temp.join("data"))].sort(),
    [...new Set(pushed.map(({ digest }) => digest))].sort(),
  );
});

Deno.test(`serve survives ${CLIENTS} clients that push and delete one image`, async () => {
  await using temp = await TempFolder.make();
  await using registry = await startTestedRegistry({ folder: temp.path });
  const image = await makeImage({ seed: "crowd/deleted" });
  const repository = { url: registry.url, name: "churn" };
  await pushImage(repository, { image, tag: "v1" });
  const unexpected: string[] = [];
  await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
    const isPush = client % 2 === 0;
    const reference = isPush ? `tag-${client % 8}` : image.manifest.digest;
    const response = await fetch(`${registry.url}/v2/churn/manifests/${reference}`, {
      method: isPush ? "PUT" : "DELETE",
      ...(isPush ? { body: image.manifest.bytes } : {}),
      headers: { "Content-Type": image.manifest.mediaType },
    });
    const allowed = isPush ? [201] : [202, 404];
    const text = await response.text();
    if (!allowed.includes(response.status)) unexpected.push(`${response.status} ${text}`);
  }));
  assertEquals(unexpected, []);
  await pushImage(repository, { image, tag: "v1" });
  await verifyImage(repository, { image, reference: "v1" });
});
