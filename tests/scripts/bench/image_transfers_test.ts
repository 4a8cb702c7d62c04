import { assertEquals } from "@std/assert";
import { BlobMaker } from "../../../scripts/bench/blob_maker.ts";
import { makeFreshImage } from "../../../scripts/bench/fresh_image.ts";
import {
  pullManifests,
  pullQueued,
  pushImage,
  pushManifests,
  pushQueued,
} from "../../../scripts/bench/image_transfers.ts";
import { runClients } from "../../../scripts/bench/transfers.ts";
import { PLATFORMS } from "../../support/images.ts";
import { listTags, manifestStatus } from "../../support/registry_client.ts";
import { TempFolder } from "../../support/temp.ts";
import { startInProcess } from "./_stand.ts";

Deno.test("pushImage leaves an image that can be pulled", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const image = makeFreshImage(new BlobMaker(), { layerBytes: [100], platforms: PLATFORMS });
  const place = { repository: "some/app", tag: "v1" };
  await runClients({ address: server.address, count: 1 }, async (connection) => {
    await pushImage(connection, image, place);
    await pullManifests(connection, image, place);
  });
  assertEquals(await listTags({ url: server.url, name: "some/app" }), ["v1"]);
});

Deno.test("pushQueued and pullQueued share a queue between connections", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const { address } = server;
  const image = makeFreshImage(new BlobMaker(), { layerBytes: [100, 200, 300, 400, 500] });
  const place = { repository: "some/app", tag: "v1" };
  for (const move of [pushQueued, pullQueued]) {
    const queue = [...image.blobs];
    const options = { queue, repository: place.repository };
    await runClients({ address, count: 3 }, (connection) => move(connection, options));
    assertEquals(queue, []);
  }
  await runClients(
    { address, count: 1 },
    (connection) => pushManifests(connection, image, place),
  );
  assertEquals(await manifestStatus({ url: server.url, name: place.repository }, "v1"), 200);
});
