import { assert } from "@std/assert";
import {
  type EventCost,
  measureEventCost,
  renderEventCost,
} from "../../scripts/bench/event_cost.ts";
import { measured } from "../support/measured.ts";
import { testWith } from "../support/tools.ts";

/**
 * The least rate with events, as a part of the rate without. What is aimed at is 0.85; the rest is
 * room for a machine that does other things meanwhile.
 */
const LEAST = 0.7;

const ROUNDS = 6;

function isTooSlow({ share }: EventCost): boolean {
  return share < LEAST;
}

testWith(["linux", "wrk"], {
  name: "serve records and sends events for a small part of what requests cost",
  async fn() {
    const costs = await measured(async () => {
      const costs = await Array.fromAsync(measureEventCost({ rounds: ROUNDS, seconds: 1 }));
      for (const cost of costs) console.log(renderEventCost(cost));
      return costs;
    }, (costs) => !costs.some(isTooSlow));
    const tooSlow = costs.filter(isTooSlow);
    assert(tooSlow.length === 0, tooSlow.map(renderEventCost).join("\n"));
  },
});
