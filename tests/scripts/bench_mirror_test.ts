import { assert, assertEquals } from "@std/assert";
import { benchMirror } from "../../scripts/bench_mirror.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

testWith(["registry"], {
  name: "benchMirror races caches from cold and from warm, and prints how they compare",
  async fn() {
    await using temp = await TempFolder.make();
    const plan = { rounds: 1, clients: 5, layerBytes: 2_000_000, lineBytes: 1_000_000_000 };
    const figures = await benchMirror(temp.path, plan);
    assertEquals(figures.map(({ what }) => what), [
      "cold, one large layer",
      "cold, ten small layers",
      "cold, 5 clients at once",
      "warm, one large layer",
      "warm, ten small layers",
    ]);
    for (const { ratio } of figures) assert(ratio > 0);
  },
});
