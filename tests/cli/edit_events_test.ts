import { assertEquals } from "@std/assert";
import { EVENTS_COMMAND } from "../../src/cli/edit_events.ts";

Deno.test("EVENTS_COMMAND takes an action and a configuration", () => {
  assertEquals(EVENTS_COMMAND.operands, ["ACTION", "CONFIG"]);
});
