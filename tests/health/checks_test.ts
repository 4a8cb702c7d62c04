import { assertEquals, assertRejects } from "@std/assert";
import { fileCheck, httpCheck, tcpCheck } from "../../src/health/checks.ts";

const NEVER = new AbortController().signal;
const PACE = { intervalMs: 10, threshold: 0 };

Deno.test("fileCheck fails while the file exists", async () => {
  const file = await Deno.makeTempFile();
  const check = fileCheck({ file, ...PACE });

  await assertRejects(() => check.run(NEVER), Error, "file exists");
  await Deno.remove(file);
  await check.run(NEVER);
});

Deno.test("httpCheck sends a HEAD request and wants one status", async () => {
  const seen: [string, string | null][] = [];
  let status = 204;
  const fetcher = (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    seen.push([request.method, request.headers.get("x-a")]);
    return Promise.resolve(new Response(null, { status }));
  };
  const config = {
    uri: "http://service.test/",
    statusCode: 204,
    timeoutMs: 0,
    headers: { "X-A": ["b", "c"] },
    ...PACE,
  };
  const check = httpCheck(config, fetcher);

  await check.run(NEVER);
  status = 200;
  await assertRejects(() => check.run(NEVER), Error, '"200"');

  assertEquals(seen, [["HEAD", "b, c"], ["HEAD", "b, c"]]);
});

Deno.test("tcpCheck fails while nothing listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const check = tcpCheck({ addr: `127.0.0.1:${port}`, timeoutMs: 1000, ...PACE });

  await check.run(NEVER);
  (await listener.accept()).close();
  listener.close();

  await assertRejects(() => check.run(NEVER));
});

Deno.test("httpCheck waits for a server that says nothing no longer than it may", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const uri = `http://127.0.0.1:${port}/`;
  const check = httpCheck({ uri, statusCode: 200, timeoutMs: 1, headers: {}, ...PACE });
  await assertRejects(() => check.run(NEVER), DOMException, "timeout");
  silent.close();
});

Deno.test("tcpCheck ends when it is told to", async () => {
  const stop = new AbortController();
  const check = tcpCheck({ addr: "192.0.2.1:9", timeoutMs: 0, ...PACE });
  const run = check.run(stop.signal);
  stop.abort(new Error("enough"));
  await assertRejects(() => run);
});
