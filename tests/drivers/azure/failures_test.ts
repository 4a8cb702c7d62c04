import { assertEquals } from "@std/assert";
import { DriverError } from "../../../src/drivers/driver.ts";
import { describeFailure, toDriverError } from "../../../src/drivers/azure/failures.ts";
import { AnswerError } from "../../../src/drivers/fetch_answer.ts";

function answer(status: number, code: string): AnswerError {
  const headers = { "x-ms-error-code": code, "x-ms-request-id": "1234" };
  return new AnswerError(new Response(null, { status, headers }), "<Error/>");
}

Deno.test("toDriverError says what is missing, full or away", () => {
  const cases = [
    [answer(404, "BlobNotFound"), "path_not_found"],
    [answer(409, "BlockCountExceedsLimit"), "no_space"],
    [answer(503, "ServerBusy"), "unavailable"],
    [new TypeError("connection refused"), "unavailable"],
  ] as const;
  for (const [error, code] of cases) assertEquals(toDriverError(error, "/path").code, code);
  const own = new DriverError("writer_closed", { driver: "azure", path: "/path" });
  assertEquals(toDriverError(own, "/other"), own);
});

Deno.test("describeFailure tells the vendor's id of the request", () => {
  assertEquals(describeFailure(answer(503, "ServerBusy")), "ServerBusy (status 503, request 1234)");
  assertEquals(describeFailure(new TypeError("connection refused")), "connection refused");
});
