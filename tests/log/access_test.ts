import { assertEquals, assertMatch } from "@std/assert";
import { formatAccess } from "../../src/log/access.ts";
import { formatClf } from "../../src/log/timestamp.ts";

const ENTRY = {
  host: "127.0.0.1",
  startedAtMs: Date.UTC(2026, 10, 22, 21, 51, 36),
  method: "GET",
  uri: '/v2/a/tags/list?x="1"',
  protocol: "HTTP/1.1",
  status: 404,
  bytes: 109,
  userAgent: 'q"x\ty',
};

Deno.test("formatAccess writes Apache's combined format as Distribution does", () => {
  assertEquals(
    formatAccess(ENTRY),
    `127.0.0.1 - - [${formatClf(ENTRY.startedAtMs)}] ` +
      `"GET /v2/a/tags/list?x=\\"1\\" HTTP/1.1" 404 109 "" "q\\"x\\ty"`,
  );
});

Deno.test("formatAccess writes user and referer where there are some", () => {
  const line = formatAccess({ ...ENTRY, user: "ann", referer: "https://example.com/" });

  assertMatch(line, /^127\.0\.0\.1 - ann \[.* "https:\/\/example\.com\/" "q/);
});

Deno.test("formatAccess keeps hostile input on its line", () => {
  const line = formatAccess({ ...ENTRY, uri: "/\r\n127.0.0.1 - -", userAgent: "\x1b[2J\u2028" });

  assertMatch(line, /"GET \/\\r\\n127\.0\.0\.1 - - HTTP/);
  assertMatch(line, /"\\x1b\[2J\\u2028"$/);
});
