import { assertEquals, assertGreater } from "@std/assert";
import { makeFixture, pushFixture } from "../../../scripts/bench/fixture.ts";
import { IMAGE_WORKLOADS } from "../../../scripts/bench/image_workloads.ts";
import { listRepositories } from "../../support/registry_client.ts";
import { TempFolder } from "../../support/temp.ts";
import { standOf, startInProcess } from "./_stand.ts";

Deno.test("IMAGE_WORKLOADS push and pull images", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const stand = standOf(server);
  const fixture = makeFixture(stand.blobs, { layerSizes: [], realisticLayers: [20, 30] });
  await pushFixture(fixture, { address: server.address });

  const operations: Record<string, number> = {};
  for (const { name, run } of IMAGE_WORKLOADS) {
    const measured = await run({ ...stand, fixture });
    assertGreater(measured.value, 0);
    operations[name] = measured.operations;
  }
  assertEquals(operations, { "image-push": 1, "image-pull": 1, "image-push-1mb-16": 16 });
  // The fixture, the large image, and a repository for each of 16 clients.
  assertEquals((await listRepositories(server.url)).length, 18);
});
