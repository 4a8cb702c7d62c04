import { getLogger } from "@logtape/logtape";
import { assertEquals } from "@std/assert";
import { NOTIFICATION_INSTRUMENTS } from "../../src/metrics/instruments/notification_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { DeliveryLedger } from "../../src/notifications/delivery_ledger.ts";
import { OutboxError } from "../../src/notifications/errors.ts";
import { endpointOf } from "./_endpoint.ts";

function ledgerOf(advance: (endpoint: string) => void = () => {}) {
  const steps: string[] = [];
  const meter = createMeter();
  const ledger = new DeliveryLedger([endpointOf()], {
    book: {
      advance(endpoint, positions) {
        advance(endpoint);
        steps.push(`advance ${endpoint} ${JSON.stringify(positions)}`);
      },
      trimDeadLetters: (maxBytes) => maxBytes === 7 ? 3 : 0,
      bury(endpoint, { events, death }) {
        steps.push(`bury ${endpoint} ${events.join()} ${death.reason}`);
      },
    },
    parts: { backlog: () => ({ pending: 3, oldestMs: 1000 }) },
    keys: ["key"],
    maxDeadBytes: 7,
    log: getLogger("test"),
    meter,
    clock: { now: () => 5000 },
  });
  return { ledger, steps, meter };
}

const COUNTS = { Events: 2, Successes: 1, Failures: 1, Errors: 0, statuses: { "200 OK": 1 } };

Deno.test("DeliveryLedger notes positions, dead letters and numbers", () => {
  const { ledger, steps, meter } = ledgerOf();
  const death = { reason: "no", tries: 1, atMs: 1 };

  ledger.note({ index: 0, kind: "progress", positions: { 0: 4 }, counts: COUNTS });
  ledger.note({ index: 0, kind: "buried", events: ["1"], positions: { 0: 5 }, death });
  ledger.note({ index: 0, kind: "failing", reason: "no" });
  ledger.note({ index: 0, kind: "unreadable", reason: "no" });
  ledger.measure();

  assertEquals(steps, ['advance key {"0":4}', "bury key 1 no"]);
  const { events, status, pending, oldest, dropped } = NOTIFICATION_INSTRUMENTS;
  const metrics = meter.snapshot();
  assertEquals(sumOf(metrics, events, { type: "Events", endpoint: "e" }), 2);
  assertEquals(sumOf(metrics, status, { code: "200 OK" }), 1);
  assertEquals(sumOf(metrics, dropped, { kind: "dead" }), 3);
  assertEquals([sumOf(metrics, pending), sumOf(metrics, oldest)], [3, 4]);
});

Deno.test("DeliveryLedger goes on where the book cannot be written to", () => {
  const { ledger } = ledgerOf(() => {
    throw new OutboxError("failed", "no disk");
  });
  ledger.note({ index: 0, kind: "progress", positions: { 0: 4 }, counts: COUNTS });
});
