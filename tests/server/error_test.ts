import { assertEquals, assertInstanceOf } from "@std/assert";
import { ServerError } from "../../src/server/error.ts";

Deno.test("ServerError carries its code and its cause", () => {
  const cause = new Error("why");
  const error = new ServerError("address_in_use", "Cannot listen", { cause });

  assertInstanceOf(error, Error);
  assertEquals([error.name, error.code, error.message, error.cause], [
    "ServerError",
    "address_in_use",
    "Cannot listen",
    cause,
  ]);
});
