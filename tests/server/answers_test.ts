import { assertEquals } from "@std/assert";
import { answerFailure, refuse } from "../../src/server/answers.ts";
import { LOG } from "./_server.ts";

Deno.test("refuse sends a client away for good, and tells it when to come again", () => {
  const { status, headers } = refuse();

  assertEquals(status, 503);
  assertEquals(headers.get("connection"), "close");
  assertEquals(headers.get("retry-after"), "1");
});

Deno.test("answerFailure tells the client nothing of what went wrong", async () => {
  const response = answerFailure(new Error("the password is 1234"), LOG);

  assertEquals(response.status, 500);
  assertEquals(await response.text(), "");
});
