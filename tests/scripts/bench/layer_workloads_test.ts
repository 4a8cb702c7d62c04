import { assertEquals, assertGreater } from "@std/assert";
import { makeFixture, pushFixture } from "../../../scripts/bench/fixture.ts";
import { LAYER_SIZES, LAYER_WORKLOADS } from "../../../scripts/bench/layer_workloads.ts";
import { storedDigests } from "../../support/blob_files.ts";
import { TempFolder } from "../../support/temp.ts";
import { standOf, startInProcess } from "./_stand.ts";

Deno.test("LAYER_WORKLOADS push and pull every size with every number of clients", () => {
  const expected = ["push", "pull"].flatMap((direction) =>
    LAYER_SIZES.flatMap((size) =>
      [1, 4, 16].map((clients) => `${direction}-${size / 1e6}mb-${clients}`)
    )
  );
  assertEquals(LAYER_WORKLOADS.map(({ name }) => name), expected);
});

Deno.test("LAYER_WORKLOADS measure, and leave nothing large that was pushed", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const stand = standOf(server);
  const layerSizes = [1_000_000];
  const fixture = makeFixture(stand.blobs, { layerSizes, realisticLayers: [20] });
  await pushFixture(fixture, { address: server.address });
  const before = await storedDigests(temp.path);

  for (
    const [name, operations] of [
      ["push-1mb-4", 4],
      ["push-10mb-1", 1],
      ["pull-1mb-4", 4],
      ["pull-1mb-1", 2],
    ] as const
  ) {
    const workload = LAYER_WORKLOADS.find((one) => one.name === name);
    const measured = await workload?.run({ ...stand, fixture });
    assertEquals(measured?.operations, operations);
    assertGreater(measured?.value ?? 0, 0);
  }
  // The small ones, one of each client, stay.
  assertEquals((await storedDigests(temp.path)).length, before.length + 4);
});
