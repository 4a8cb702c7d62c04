import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { BlobMaker } from "../../../scripts/bench/blob_maker.ts";
import { makeFreshImage } from "../../../scripts/bench/fresh_image.ts";
import {
  blobPath,
  manifestPath,
  pullBlob,
  pullManifest,
  pushBlob,
  pushManifest,
  runClients,
} from "../../../scripts/bench/transfers.ts";
import { manifestStatus, pullBlob as fetchBlob } from "../../support/registry_client.ts";
import { TempFolder } from "../../support/temp.ts";
import { startInProcess } from "./_stand.ts";

Deno.test("pushBlob pushes in both styles, and pullBlob finds the blob", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const blobs = new BlobMaker();
  const repository = "some/app";
  for (const style of ["put", "patch"] as const) {
    const blob = blobs.make(2_000_000);
    await runClients({ address: server.address, count: 1 }, async (connection) => {
      await pushBlob(connection, { repository, blob, style });
      await pullBlob(connection, { repository, digest: blob.digest });
    });
    const pulled = await fetchBlob({ url: server.url, name: repository }, blob.digest);
    assertEquals(pulled.slice(-16), blob.parts.at(-1));
  }
});

Deno.test("pushBlob in the style of patch fails where the blob is there", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const blob = new BlobMaker().make(100);
  const push = () =>
    runClients(
      { address: server.address, count: 1 },
      (connection) => pushBlob(connection, { repository: "some/app", blob, style: "patch" }),
    );
  await push();
  await assertRejects(push, Error, "expected 404");
});

Deno.test("pushManifest and pullManifest work by tag and by digest", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const { blobs, manifest } = makeFreshImage(new BlobMaker(), { layerBytes: [100] });
  const repository = "some/app";
  await runClients({ address: server.address, count: 1 }, async (connection) => {
    for (const blob of blobs) await pushBlob(connection, { repository, blob });
    await pushManifest(connection, { repository, reference: "v1", manifest });
    await pullManifest(connection, { repository, reference: manifest.digest });
    await pullManifest(connection, { repository, reference: "v1", method: "HEAD" });
    await assertRejects(() => pullManifest(connection, { repository, reference: "v2" }));
  });
  assertEquals(await manifestStatus({ url: server.url, name: repository }, "v1"), 200);
});

Deno.test("runClients runs all at once and fails as one of them does", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const { address } = server;
  const everybody = Promise.withResolvers<void>();
  const clients: number[] = [];
  const durationMs = await runClients({ address, count: 3 }, async (connection, client) => {
    clients.push(client);
    if (clients.length === 3) everybody.resolve();
    await everybody.promise;
    await connection.send({ method: "GET", path: "/v2/" });
  });
  assertEquals(clients, [0, 1, 2]);
  assertGreater(durationMs, 0);
  const failing = runClients({ address, count: 2 }, (_, client) => {
    return client === 1 ? Promise.reject(new Error("one of them")) : Promise.resolve();
  });
  await assertRejects(() => failing, Error, "one of them");
});

Deno.test("blobPath and manifestPath are those of the specification", () => {
  assertEquals(blobPath("a/b", "sha256:1"), "/v2/a/b/blobs/sha256:1");
  assertEquals(manifestPath("a/b", "v1"), "/v2/a/b/manifests/v1");
});
