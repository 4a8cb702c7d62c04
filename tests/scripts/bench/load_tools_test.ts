import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import {
  loadWithGet,
  loadWithHead,
  missingTool,
  parseAb,
  parseWrk,
} from "../../../scripts/bench/load_tools.ts";
import { testWithLoad } from "./_stand.ts";

const WRK = `Running 1s test @ http://127.0.0.1:1/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     6.90ms    6.44ms  56.87ms   93.60%
    Req/Sec     5.42k     1.30k    7.60k    65.00%
  11042 requests in 2.07s, 1.64MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:   5326.21
Transfer/sec:    811.42KB
`;

const AB = `Concurrency Level:      32
Time taken for tests:   2.004 seconds
Complete requests:      11469
Failed requests:        0
Non-2xx responses:      11469
Keep-Alive requests:    11469
Requests per second:    5723.33 [#/sec] (mean)
`;

Deno.test("parseWrk reads rate and errors", () => {
  assertEquals(parseWrk(WRK), {
    requests: 11042,
    requestsPerSecond: 5326.21,
    otherStatus: 5,
    failed: 10,
  });
  assertThrows(() => parseWrk("unable to connect"), Error, "unable to connect");
});

Deno.test("parseAb reads rate and errors", () => {
  assertEquals(parseAb(AB), {
    requests: 11469,
    requestsPerSecond: 5723.33,
    otherStatus: 11469,
    failed: 0,
  });
});

Deno.test("missingTool says how to get what is missing", () => {
  assertEquals(missingTool("ab", ""), 'needs "ab" (apt-get install apache2-utils)');
});

testWithLoad(["wrk", "ab"], {
  name: "loadWithGet and loadWithHead send what they are told",
  fn: async () => {
    const seen = new Set<string>();
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ method, headers }) => {
        seen.add(`${method} ${headers.get("Accept")}`);
        return new Response("hello", { status: method === "GET" ? 200 : 404 });
      },
    );
    const url = `http://127.0.0.1:${server.addr.port}/`;
    const options = { url, seconds: 1, connections: 2, headers: { Accept: "x/y" } };
    const get = await loadWithGet(options);
    const head = await loadWithHead(options);
    await server.shutdown();
    assertEquals([...seen], ["GET x/y", "HEAD x/y"]);
    assertGreater(get.requests, 0);
    assertEquals([get.otherStatus, get.failed, head.failed], [0, 0, 0]);
    assertEquals(head.otherStatus, head.requests);
  },
});
