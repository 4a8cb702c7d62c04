import { assertEquals } from "@std/assert";
import { BlobMaker } from "../../../scripts/bench/blob_maker.ts";
import { makeFixture, pushFixture } from "../../../scripts/bench/fixture.ts";
import { blobUrl, manifestStatus, pullBlob } from "../../support/registry_client.ts";
import { TempFolder } from "../../support/temp.ts";
import { startInProcess } from "./_stand.ts";

Deno.test("pushFixture pushes all that is read later", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const fixture = makeFixture(new BlobMaker(), { layerSizes: [1000, 2000], realisticLayers: [20] });
  await pushFixture(fixture, { address: server.address });
  const repository = { url: server.url, name: fixture.repository };

  assertEquals(await manifestStatus(repository, fixture.tag), 200);
  assertEquals(await manifestStatus(repository, fixture.realisticTag), 200);
  const sizes: number[] = [];
  for (const { digest } of [fixture.smallBlob, ...fixture.layers.values()]) {
    sizes.push((await pullBlob(repository, digest)).length);
  }
  assertEquals(sizes, [1500, 1000, 2000]);
  const missing = await fetch(blobUrl(repository, fixture.missingDigest), { method: "HEAD" });
  assertEquals(missing.status, 404);
});
