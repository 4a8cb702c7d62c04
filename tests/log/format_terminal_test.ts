import { assertEquals, assertMatch } from "@std/assert";
import { formatTerminal } from "../../src/log/format_terminal.ts";
import { makeRecord } from "./_records.ts";

// deno-lint-ignore no-control-regex
const COLOURS_REGEXP = /\x1b\[\d+m/g;

/** What a person reads, without the time. */
function shown(fields: Readonly<Record<string, unknown>>): string {
  const line = formatTerminal(makeRecord("response completed", fields));
  return line.replaceAll(COLOURS_REGEXP, "").replace(/^INFO\[[^\]]*\] /, "");
}

const REQUEST = {
  "http.request.method": "GET",
  "http.request.uri": "/v2/app/manifests/v1",
  "http.response.duration": "1.830ms",
  "http.response.status": 200,
  "http.response.written": 559,
  "vars.name": "app",
  "vars.reference": "v1",
};

Deno.test("formatTerminal writes a request as one short sentence", () => {
  assertEquals(shown(REQUEST), "200 GET    /v2/app/manifests/v1  1.830ms 559 B");
  assertEquals(
    shown({ ...REQUEST, "auth.user.name": "alice", "http.response.written": 0 }),
    "200 GET    /v2/app/manifests/v1  1.830ms auth.user.name=alice",
  );
});

Deno.test("formatTerminal says what went wrong, and nothing twice", () => {
  const digest = `sha256:${"0123456789ab".padEnd(64, "c")}`;
  const failed = {
    ...REQUEST,
    "http.request.uri": `/v2/app/blobs/${digest}`,
    "http.response.status": 404,
    "http.response.written": 0,
    "err.code": "blob unknown",
    "err.message": "blob unknown to registry",
  };
  assertEquals(
    shown({ ...failed, "err.detail": digest }),
    "404 GET    /v2/app/blobs/sha256:0123456789ab…  1.830ms (blob unknown to registry)",
  );
  assertEquals(
    shown({ ...failed, "http.request.uri": "/v2/app", "err.detail": { digest } }),
    "404 GET    /v2/app  1.830ms " +
      '(blob unknown to registry: {"digest":"sha256:0123456789ab…"})',
  );
});

Deno.test("formatTerminal is short, aligned and leaves out details", () => {
  const record = makeRecord("listening on 127.0.0.1:5000", {
    "instance.id": "0190",
    version: "0.1.0",
    "http.request.useragent": "curl",
    env: "a b",
  }, "warning");
  const line = formatTerminal(record).replaceAll(COLOURS_REGEXP, "");

  assertMatch(
    line,
    /^WARN\[\d\d:\d\d:\d\d\.067\] listening on 127\.0\.0\.1:5000 {14}env="a b"$/,
  );
});

Deno.test("formatTerminal lets nothing through that moves the cursor", () => {
  const line = formatTerminal(makeRecord("a\x1b[2Jb", { c: "\x1b]0;d\x07" }));

  assertMatch(line.replaceAll(COLOURS_REGEXP, ""), / a\\x1b\[2Jb +c="\\x1b\]0;d\\a"$/);
});

Deno.test("formatTerminal lets nothing of a request through that moves the cursor", () => {
  const line = shown({ ...REQUEST, "http.request.uri": "/\x1b[2J", "err.message": "\x1b[2J" });

  assertEquals(line, "200 GET    /\\x1b[2J  1.830ms 559 B (\\x1b[2J)");
});
