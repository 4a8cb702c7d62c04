import { assertEquals } from "@std/assert";
import { JournalSwitch } from "../../src/notifications/journal_switch.ts";

Deno.test("JournalSwitch tells every thread that has its memory", () => {
  const one = new JournalSwitch();
  const other = new JournalSwitch(one.shared);
  assertEquals([one.isOn, other.isOn], [false, false]);
  one.turn("on");
  assertEquals([one.isOn, other.isOn], [true, true]);
  other.turn("off");
  assertEquals([one.isOn, other.isOn], [false, false]);
});
