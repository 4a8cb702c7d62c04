import { assertEquals } from "@std/assert";
import { passedListeners } from "../../src/server/socket_activation.ts";

Deno.test("passedListeners counts what was passed to this process", () => {
  assertEquals(passedListeners({ LISTEN_PID: "42", LISTEN_FDS: "2" }, 42), 2);
});

Deno.test("passedListeners takes nothing meant for another process, and no nonsense", () => {
  assertEquals(passedListeners({}, 42), 0);
  assertEquals(passedListeners({ LISTEN_PID: "41", LISTEN_FDS: "1" }, 42), 0);
  for (const count of ["", "0", "-1", "1.5", "one"]) {
    assertEquals(passedListeners({ LISTEN_PID: "42", LISTEN_FDS: count }, 42), 0);
  }
});
