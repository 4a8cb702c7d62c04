import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { makeFixture, pushFixture } from "../../../scripts/bench/fixture.ts";
import { measureRequests, REQUEST_WORKLOADS } from "../../../scripts/bench/request_workloads.ts";
import { TempFolder } from "../../support/temp.ts";
import { standOf, startInProcess, testWithLoad } from "./_stand.ts";

testWithLoad(["wrk", "ab"], {
  name: "REQUEST_WORKLOADS are answered with the status they expect",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using server = await startInProcess(temp.path);
    const stand = standOf(server);
    const fixture = makeFixture(stand.blobs, { layerSizes: [], realisticLayers: [20] });
    await pushFixture(fixture, { address: server.address });

    const names = ["manifest-get-tag", "blob-head-hit", "blob-head-miss"];
    for (const { run } of REQUEST_WORKLOADS.filter(({ name }) => names.includes(name))) {
      const { value, operations } = await run({ ...stand, fixture });
      assertGreater(value, 0);
      assertGreater(operations, 0);
    }
  },
});

testWithLoad(["wrk"], {
  name: "measureRequests refuses answers that are not what they must be",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using server = await startInProcess(temp.path);
    const request = { method: "GET", path: "/v2/none/manifests/none" } as const;
    await assertRejects(
      () => measureRequests(standOf(server), request),
      Error,
      "was not answered with 200",
    );
  },
});

Deno.test("REQUEST_WORKLOADS load with GET by wrk and with HEAD by ab", () => {
  const tools = REQUEST_WORKLOADS.map(({ name, needs }) => [name.includes("head"), needs]);
  assertEquals(new Set(tools.map(String)), new Set(["false,wrk", "true,ab"]));
});
