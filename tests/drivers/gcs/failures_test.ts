import { assertEquals } from "@std/assert";
import { AnswerError } from "../../../src/drivers/fetch_answer.ts";
import { describeFailure, storeStatus, toDriverError } from "../../../src/drivers/gcs/failures.ts";

function answer(status: number): AnswerError {
  const headers = { "x-guploader-uploadid": "1234" };
  return new AnswerError(new Response(null, { status, headers }), "text");
}

Deno.test("toDriverError says what is missing or away", () => {
  assertEquals(toDriverError(answer(404), "/path").code, "path_not_found");
  assertEquals(toDriverError(answer(503), "/path").code, "unavailable");
  assertEquals(toDriverError(new TypeError("refused"), "/path").code, "unavailable");
});

Deno.test("describeFailure tells the vendor's id of the request, on one line", () => {
  assertEquals(describeFailure(answer(503)), "status 503: text (status 503, request 1234)");
  const library = Object.assign(new Error("Several:\n\n  1. Not Found\n"), {
    code: 404,
    response: { headers: { "x-guploader-uploadid": "5678" } },
  });
  assertEquals(describeFailure(library), "Several: 1. Not Found (status 404, request 5678)");
  assertEquals(storeStatus(Object.assign(new Error(), { code: "ENOENT" })), undefined);
});
