import { assertEquals } from "@std/assert";
import { ApiError } from "../../src/api/api_error.ts";
import { emptyReply, jsonReply } from "../../src/api/reply.ts";
import { errorReply, toResponse } from "../../src/api/respond.ts";

Deno.test("errorReply writes the document of an error", async () => {
  const error = new ApiError([
    { code: "DENIED", message: "not you" },
    { code: "BLOB_UNKNOWN", detail: { a: [1] } },
    { code: "NAME_UNKNOWN", detail: null },
  ], { headers: { allow: "GET" } });

  const response = toResponse(errorReply(error), { method: "GET", headers: {} });

  assertEquals(response.status, 403);
  const text = '{"errors":[{"code":"DENIED","message":"not you"},' +
    '{"code":"BLOB_UNKNOWN","message":"blob unknown to registry","detail":{"a":[1]}},' +
    '{"code":"NAME_UNKNOWN","message":"repository name not known to registry","detail":null}]}\n';
  assertEquals(Object.fromEntries(response.headers), {
    "content-type": "application/json",
    "content-length": String(text.length),
    allow: "GET",
  });
  assertEquals(await response.text(), text);
});

Deno.test("toResponse gives a HEAD request the headers alone", () => {
  const reply = jsonReply({ a: 1 });

  const response = toResponse(reply, { method: "HEAD", headers: {} });

  assertEquals(response.body, null);
  assertEquals(response.headers.get("content-length"), "8");
});

Deno.test("toResponse adds headers, and those of the answer go first", () => {
  const reply = emptyReply(304, { etag: "mine" });

  const response = toResponse(reply, { method: "GET", headers: { etag: "other", "x-a": "b" } });

  assertEquals(response.status, 304);
  assertEquals(Object.fromEntries(response.headers), { etag: "mine", "x-a": "b" });
});

Deno.test("toResponse sends a stream as it is", async () => {
  const body = new Response("content").body;
  const reply = { status: 200, headers: {}, ...body === null ? {} : { body } };

  assertEquals(await toResponse(reply, { method: "GET", headers: {} }).text(), "content");
});
