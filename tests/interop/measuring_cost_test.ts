import { assert } from "@std/assert";
import { type Cost, measureCosts, renderCost } from "../../scripts/bench/measuring_cost.ts";
import { measured } from "../support/measured.ts";
import { testWith } from "../support/tools.ts";

/**
 * How much more processor time a request may take, as a part of it. The figures that are aimed at
 * are 3 and 15 hundredths; the rest is room for a machine that does other things meanwhile.
 */
const MOST: Readonly<Record<string, number>> = { metrics: 0.1, "access log": 0.22 };

const ROUNDS = 12;

function isTooMuch({ name, moreTime }: Cost): boolean {
  return moreTime > (MOST[name] ?? 0);
}

testWith(["linux", "wrk"], {
  name: "serve measures and logs requests for a small part of what they cost",
  async fn() {
    const costs = await measured(async () => {
      const costs = await measureCosts({ names: ["metrics", "access log"], rounds: ROUNDS });
      for (const cost of costs) console.log(renderCost(cost));
      return costs;
    }, (costs) => !costs.some(isTooMuch));
    const tooMuch = costs.filter(isTooMuch);
    assert(tooMuch.length === 0, tooMuch.map(renderCost).join("\n"));
  },
});
