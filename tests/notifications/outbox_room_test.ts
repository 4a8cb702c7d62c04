import { assertEquals, assertThrows } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import { type LimitedPlace, OutboxRoom } from "../../src/notifications/outbox_room.ts";

const PULL = { event: "x".repeat(100), isPull: true };
const PUSH = { event: "x".repeat(100), isPull: false };

/** A place with so many pulls of 100 bytes, and other events. */
function placeOf(options: { readonly pulls: number; readonly others: number }) {
  const place: LimitedPlace & { pulls: number; others: number; measured: number } = {
    ...options,
    measured: 0,
    get sizeBytes() {
      place.measured++;
      return (place.pulls + place.others) * 100;
    },
    removePulls() {
      const removed = Math.min(2, place.pulls);
      place.pulls -= removed;
      return removed;
    },
  };
  return place;
}

Deno.test("OutboxRoom leaves out pulls at three quarters, and takes others", () => {
  const place = placeOf({ pulls: 74, others: 0 });
  const room = new OutboxRoom(place, 10_000);
  assertEquals(room.admit(PULL), { isAdmitted: true, droppedPulls: 0 });
  place.pulls += 2;
  for (let count = 0; count < 3; count++) room.admit(PUSH);

  assertEquals(room.admit(PULL), { isAdmitted: false, droppedPulls: 1 });
  assertEquals(room.admit(PUSH), { isAdmitted: true, droppedPulls: 0 });
});

Deno.test("OutboxRoom removes pulls at the limit, and is full without any", () => {
  const place = placeOf({ pulls: 3, others: 97 });
  const room = new OutboxRoom(place, 10_000);
  for (const droppedPulls of [2, 0, 1]) {
    assertEquals(room.admit(PUSH), { isAdmitted: true, droppedPulls });
    place.others++;
  }

  const error = assertThrows(() => room.admit(PUSH), OutboxError);
  assertEquals(error.code, "full");
  place.others -= 10;
  assertEquals(room.admit(PUSH).isAdmitted, true);
});

Deno.test("OutboxRoom measures seldom while there is room, and never without a limit", () => {
  const place = placeOf({ pulls: 0, others: 0 });
  const room = new OutboxRoom(place, 100_000);
  for (let count = 0; count < 100; count++) room.admit(PUSH);
  assertEquals(place.measured < 10, true);
  const endless = placeOf({ pulls: 0, others: 0 });
  new OutboxRoom(endless, Infinity).admit(PULL);
  assertEquals(endless.measured, 0);
});
