import { assertEquals, assertRejects } from "@std/assert";
import { AnswerError, fetchAnswer } from "../../src/drivers/fetch_answer.ts";
import { ManualTimers } from "../support/manual_timers.ts";

const URL = "http://store.test/blob";

/** A store that answers with each of these in turn: a status, or a failure of the network. */
function scene(...answers: readonly (number | Error)[]) {
  const left = [...answers];
  const timers = new ManualTimers();
  let sent = 0;
  const fetcher = (): Promise<Response> => {
    sent++;
    const next = left.shift() ?? 200;
    return typeof next === "number"
      ? Promise.resolve(new Response("text", { status: next }))
      : Promise.reject(next);
  };
  return {
    sent: () => sent,
    timers,
    async ask(options: { readonly repeatable?: boolean } = {}): Promise<number> {
      const asked = fetchAnswer({
        request: () => Promise.resolve([URL, {}]),
        expect: [200, 206],
        timers,
        random: () => 0.5,
        fetcher: fetcher as typeof fetch,
        ...options,
      }).then(async (response) => {
        await response.body?.cancel();
        return response.status;
      });
      asked.catch(() => {});
      for (let pauses = 0; pauses < 5; pauses++) await timers.pass(2000);
      return await asked;
    },
  };
}

Deno.test("fetchAnswer gives an answer that is expected", async () => {
  const { ask, sent, timers } = scene(206);
  assertEquals([await ask(), sent(), timers.waiting], [206, 1, 0]);
});

Deno.test("fetchAnswer asks again where the store is busy or the network fails", async () => {
  const { ask, sent } = scene(503, new TypeError("reset"), 429, 500, 200);
  assertEquals([await ask(), sent()], [200, 5]);
});

Deno.test("fetchAnswer gives up after five attempts, and at once where asking again is no use", async () => {
  const busy = scene(503, 503, 503, 503, 503, 200);
  await assertRejects(() => busy.ask(), AnswerError, "status 503: text");
  assertEquals(busy.sent(), 5);
  const missing = scene(404, 200);
  await assertRejects(() => missing.ask(), AnswerError, "status 404");
  assertEquals(missing.sent(), 1);
  const once = scene(new TypeError("reset"), 200);
  await assertRejects(() => once.ask({ repeatable: false }), TypeError, "reset");
  assertEquals(once.sent(), 1);
});
