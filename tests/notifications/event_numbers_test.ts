import { assertEquals } from "@std/assert";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";

Deno.test("EventNumbers go up with the clock, within a moment, and where it is set back", () => {
  let nowMs = 5;
  const numbers = new EventNumbers({ clock: { now: () => nowMs } });

  assertEquals([numbers.next(), numbers.next()], [5000, 5001]);
  nowMs = 7;
  assertEquals(numbers.next(), 7000);
  nowMs = 1;
  assertEquals(numbers.next(), 7001);
  numbers.begin(9000);
  numbers.begin(10);
  assertEquals(numbers.next(), 9001);
});

Deno.test("EventNumbers are one series in all threads", () => {
  const clock = { now: () => 0 };
  const one = new EventNumbers({ clock });
  const other = new EventNumbers({ shared: one.shared, clock });

  assertEquals([one.next(), other.next(), one.next()], [1, 2, 3]);
});

Deno.test("EventNumbers.given is what has been given here, and elsewhere before this millisecond", () => {
  let nowMs = 5;
  const numbers = new EventNumbers({ clock: { now: () => nowMs } });
  assertEquals(numbers.given(), 4999);
  assertEquals(numbers.next(), numbers.given());
  nowMs = 6;
  assertEquals(numbers.given(), 5999);
});
