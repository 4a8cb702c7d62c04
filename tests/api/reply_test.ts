import { assertEquals } from "@std/assert";
import { emptyReply, jsonReply, textReply } from "../../src/api/reply.ts";

Deno.test("emptyReply says that nothing follows, where an answer may say so", () => {
  assertEquals(emptyReply(201, { location: "/x" }), {
    status: 201,
    headers: { "content-length": "0", location: "/x" },
  });
  for (const status of [204, 304]) {
    assertEquals(emptyReply(status, { etag: "x" }), { status, headers: { etag: "x" } });
  }
});

Deno.test("jsonReply writes one line, counts its bytes and takes other headers", () => {
  const reply = jsonReply({ name: "ü" });
  const other = jsonReply([], { status: 404, headers: { "content-type": "a/b", link: "x" } });

  assertEquals(reply.status, 200);
  assertEquals(reply.headers, { "content-type": "application/json", "content-length": "14" });
  assertEquals(reply.body, new TextEncoder().encode('{"name":"ü"}\n'));
  assertEquals(other.status, 404);
  assertEquals(other.headers, { "content-type": "a/b", "content-length": "3", link: "x" });
});

Deno.test("textReply is for people, and no browser takes it for more", () => {
  const reply = textReply("nö", { status: 404, headers: { allow: "GET" } });

  assertEquals(reply, {
    status: 404,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-length": "4",
      "x-content-type-options": "nosniff",
      allow: "GET",
    },
    body: new TextEncoder().encode("nö\n"),
  });
});
