import { assertEquals, assertGreater } from "@std/assert";
import { makeFixture } from "../../../scripts/bench/fixture.ts";
import { PROCESS_WORKLOADS } from "../../../scripts/bench/process_workloads.ts";
import { TempFolder } from "../../support/temp.ts";
import { testWith } from "../../support/tools.ts";
import { standOf, startInProcess } from "./_stand.ts";

testWith(["linux"], {
  name: "PROCESS_WORKLOADS start processes of their own and leave nothing behind",
  fn: async () => {
    await using temp = await TempFolder.make();
    const [folder, root] = [await temp.folder("bench"), await temp.folder("root")];
    await using server = await startInProcess(folder, root);
    const stand = standOf(server);
    const fixture = makeFixture(stand.blobs, { layerSizes: [], realisticLayers: [20] });
    for (const { from = "quick", run } of PROCESS_WORKLOADS) {
      if (from === "quick") assertGreater((await run({ ...stand, fixture })).value, 1);
    }
    const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assertEquals(left.filter((name) => !name.endsWith(".yml")), []);
  },
});

Deno.test("PROCESS_WORKLOADS end with the peak of all that was measured before", () => {
  assertEquals(PROCESS_WORKLOADS.at(-1)?.name, "memory-peak");
});
