import { assertEquals } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";

Deno.test("OutboxError keeps its code and cause", () => {
  const cause = new Error("disk");
  const error = new OutboxError("failed", "Cannot write", { cause });
  assertEquals([error.code, error.name, error.cause], ["failed", "OutboxError", cause]);
});
