import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { LineSink } from "../../src/log/line_writer.ts";
import { formatClf } from "../../src/log/timestamp.ts";
import { withAccessLog } from "../../src/server/access_log.ts";
import type { Handler } from "../../src/server/handler.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 21, 51, 36);
const CLOCK = { now: () => NOW_MS };
const CLIENT = { address: "192.0.2.1", port: 40000 };

class FakeSink implements LineSink {
  readonly lines: string[] = [];

  write(line: string): void {
    this.lines.push(line);
  }
}

/** A request as the runtime makes it; a host cannot be set on one that is made by hand. */
function requestOf(
  url: string,
  init: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Request {
  return new Request(url, { ...init, headers: { host: "localhost:5000", ...init.headers } });
}

/** What the access log says of one answer to `GET /`, from the quoted request on. */
async function lineOf(handler: Handler, request = requestOf("http://localhost:5000/")) {
  const sink = new FakeSink();
  const response = await withAccessLog(handler, sink, CLOCK)(request, CLIENT);
  const body = await response.text();
  assertEquals(sink.lines.length, 1);
  return { line: sink.lines[0]?.slice(sink.lines[0].indexOf('"')), body, response };
}

Deno.test("withAccessLog gives the handler back where nothing is to be written", () => {
  const handler = () => new Response();

  assertStrictEquals(withAccessLog(handler, undefined, CLOCK), handler);
});

Deno.test("withAccessLog writes who asked for what, and when it came", async () => {
  const sink = new FakeSink();
  const handler = () => new Response("{}", { headers: { "content-length": "2" } });
  const request = requestOf('http://localhost:5000/v2/a%2Fb/tags/list?n="1"#x', {
    headers: { referer: "https://example.com/", "user-agent": "curl/8" },
  });

  await withAccessLog(handler, sink, CLOCK)(request, CLIENT);

  assertEquals(sink.lines, [
    `192.0.2.1 - - [${formatClf(NOW_MS)}] "GET /v2/a%2Fb/tags/list?n=%221%22#x HTTP/1.1" ` +
    `200 2 "https://example.com/" "curl/8"`,
  ]);
});

Deno.test("withAccessLog takes the announced length and leaves the answer as it is", async () => {
  const answer = new Response("12345", { headers: { "content-length": "5" } });

  const { line, response } = await lineOf(() => answer);

  assertEquals(line, '"GET / HTTP/1.1" 200 5 "" ""');
  assertStrictEquals(response, answer);
});

Deno.test("withAccessLog counts no bytes where none are sent", async () => {
  const headers = { "content-length": "5" };
  const head = requestOf("http://localhost:5000/", { method: "HEAD" });

  const toHead = await lineOf(() => new Response(null, { headers }), head);
  const notModified = await lineOf(() => new Response(null, { status: 304, headers }));
  const empty = await lineOf(() => new Response(null));

  assertEquals(toHead.line, '"HEAD / HTTP/1.1" 200 0 "" ""');
  assertEquals(notModified.line, '"GET / HTTP/1.1" 304 0 "" ""');
  assertEquals(empty.line, '"GET / HTTP/1.1" 200 0 "" ""');
});

Deno.test("withAccessLog counts the bytes of a body of unknown length", async () => {
  const body = () => ReadableStream.from(["one", "größe"]).pipeThrough(new TextEncoderStream());
  const headers = { "content-type": "text/x-test" };

  const { line, body: text, response } = await lineOf(() => {
    return new Response(body(), { status: 201, headers });
  });

  assertEquals(line, '"GET / HTTP/1.1" 201 10 "" ""');
  assertEquals([text, response.headers.get("content-type")], ["onegröße", "text/x-test"]);
});

Deno.test("withAccessLog counts what was sent of a body that nobody wants any more", async () => {
  const sink = new FakeSink();
  let cancelled: unknown;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: (reason) => cancelled = reason,
  });
  const handler = withAccessLog(() => new Response(endless), sink, CLOCK);
  const response = await handler(requestOf("http://localhost:5000/"), CLIENT);

  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel("gone");

  assertEquals(cancelled, "gone");
  assertEquals(sink.lines.map((line) => line.slice(line.indexOf('"'))), [
    '"GET / HTTP/1.1" 200 10 "" ""',
  ]);
});

Deno.test("withAccessLog writes one line where a body is given up while a piece is waited for", async () => {
  const sink = new FakeSink();
  const silent = new ReadableStream({ pull: () => new Promise(() => {}) });
  const handler = withAccessLog(() => new Response(silent), sink, CLOCK);
  const response = await handler(requestOf("http://localhost:5000/"), CLIENT);

  const reader = response.body?.getReader();
  const pending = reader?.read();
  await reader?.cancel();
  await pending;

  assertEquals(sink.lines.length, 1);
});

Deno.test("withAccessLog counts what was sent of a body that broke", async () => {
  const sink = new FakeSink();
  const broken = ReadableStream.from((async function* () {
    yield await Promise.resolve(new Uint8Array(3));
    throw new Error("disk gone");
  })());
  const handler = withAccessLog(() => new Response(broken), sink, CLOCK);
  const response = await handler(requestOf("http://localhost:5000/"), CLIENT);

  await assertRejects(() => response.text(), Error, "disk gone");

  assertEquals(sink.lines[0]?.endsWith('" 200 3 "" ""'), true);
});

Deno.test("withAccessLog notes a handler that threw, and lets the error go on", async () => {
  const sink = new FakeSink();
  const handler = withAccessLog(
    () => {
      throw new Error("boom");
    },
    sink,
    CLOCK,
  );

  await assertRejects(
    async () => await handler(requestOf("http://localhost:5000/"), CLIENT),
    Error,
    "boom",
  );

  assertEquals(sink.lines[0]?.endsWith('" 500 0 "" ""'), true);
});

Deno.test("withAccessLog knows HTTP/2 by the header that it does not have", async () => {
  const { line } = await lineOf(() => new Response(null), new Request("http://localhost:5000/"));

  assertEquals(line, '"GET / HTTP/2.0" 200 0 "" ""');
});

Deno.test("withAccessLog leaves out probes that find all well", async () => {
  const sink = new FakeSink();
  const headers = { "content-length": "0" };
  let status = 200;
  const handler = withAccessLog(() => new Response(null, { status, headers }), sink, CLOCK);

  for (const path of ["/livez", "/readyz", "/livez/"]) {
    await handler(requestOf(`http://localhost:5000${path}`), CLIENT);
  }
  status = 503;
  await handler(requestOf("http://localhost:5000/readyz"), CLIENT);

  assertEquals(sink.lines.map((line) => /"GET ([^"]*) HTTP\/1.1" (\d+)/.exec(line)?.slice(1)), [
    ["/livez/", "200"],
    ["/readyz", "503"],
  ]);
});
