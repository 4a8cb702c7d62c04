import { assertEquals } from "@std/assert";
import { createHttpMetrics } from "../../src/api/http_metrics.ts";
import { createMeter, type Meter } from "../../src/metrics/meter.ts";
import { TestRegistry } from "./_registry.ts";

/** All series of an instrument, as text: labels and values. */
function seriesOf(meter: Meter, name: string): string[] {
  const found = meter.snapshot().find(({ instrument }) => instrument.name === name);
  return (found?.series ?? []).map(({ labels, values }) => `${labels.join(" ")}: ${values}`);
}

function requestsOf(meter: Meter): string[] {
  return seriesOf(meter, "registry_http_requests_total").sort();
}

Deno.test("createApi counts requests by status, method and route", async () => {
  const meter = createMeter();
  const registry = new TestRegistry({ api: { metrics: createHttpMetrics(meter) } });

  await registry.pushImage("foo", { reference: "v1" });
  await (await registry.send("GET", "/v2/foo/manifests/v1")).text();
  await registry.send("HEAD", "/v2/foo/manifests/v2");
  await registry.send("PUT", "/v2/");
  await registry.send("PROPFIND", "/v2/");

  assertEquals(requestsOf(meter), [
    "200 get manifest: 1",
    "201 put blob_upload_chunk: 2",
    "201 put manifest: 1",
    "202 post blob_upload: 2",
    "404 head manifest: 1",
    "405 put base: 1",
    "405 unknown base: 1",
  ]);
  assertEquals(
    seriesOf(meter, "registry_http_in_flight_requests").map((line) => line.endsWith(": 0")),
    [true, true, true, true],
  );
});

Deno.test("createApi counts nothing that is no request to a route", async () => {
  const meter = createMeter();
  const registry = new TestRegistry({ api: { metrics: createHttpMetrics(meter) } });

  for (const path of ["/", "/livez", "/nothing", "/v2", "/v2//foo/", "/v2/Foo/tags/list"]) {
    await (await registry.send("GET", path)).body?.cancel();
  }

  assertEquals(requestsOf(meter), []);
});

Deno.test("createHttpMetrics counts the sizes of requests and answers", () => {
  const meter = createMeter();
  const request = new Request("http://x/", {
    method: "PUT",
    headers: { "content-length": "2000" },
  });
  const reply = { status: 201, headers: { "content-length": "1500" } };

  createHttpMetrics(meter).begin("manifest", request).end(reply, { startedMs: 0, sent: undefined });

  const zeroes = Array(20).fill(0).join(",");
  assertEquals(seriesOf(meter, "registry_http_request_size_bytes"), [
    `manifest: 0,1,${zeroes},0,2009`,
  ]);
  assertEquals(seriesOf(meter, "registry_http_response_size_bytes"), [
    `manifest: 0,1,${zeroes},0,1500`,
  ]);
});

Deno.test("createHttpMetrics has a stream in flight until it is sent, well or not", async () => {
  const meter = createMeter();
  const metrics = createHttpMetrics(meter);
  const reply = { status: 200, headers: {}, body: new ReadableStream<Uint8Array<ArrayBuffer>>() };
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const inFlight = () => seriesOf(meter, "registry_http_in_flight_requests");

  metrics.begin("blob", new Request("http://x/")).end(reply, { startedMs: 0, sent: first.promise });
  metrics.begin("blob", new Request("http://x/")).end(reply, {
    startedMs: 0,
    sent: second.promise,
  });
  assertEquals(inFlight(), ["blob: 2"]);
  assertEquals(requestsOf(meter), []);

  first.resolve();
  second.reject(new Error("the client has gone"));
  await Promise.allSettled([first.promise, second.promise]);
  assertEquals(inFlight(), ["blob: 0"]);
  assertEquals(requestsOf(meter), ["200 get blob: 2"]);
});
