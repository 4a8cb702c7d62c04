import { assertEquals, assertStringIncludes } from "@std/assert";
import { debugVars } from "../../src/app/debug_vars.ts";
import { NOTIFICATION_INSTRUMENTS } from "../../src/metrics/instruments/notification_instruments.ts";
import { PROXY_INSTRUMENTS } from "../../src/metrics/instruments/proxy_instruments.ts";
import { REDIS_INSTRUMENTS } from "../../src/metrics/instruments/redis_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { configOf } from "./_config.ts";

Deno.test("debugVars has the program, and null for endpoints that there are not", () => {
  const vars = debugVars(configOf("storage: inmemory"), []);

  assertEquals(Object.keys(vars), ["cmdline", "memstats", "registry"]);
  assertEquals(vars["registry"], { notifications: { endpoints: null } });
});

Deno.test("debugVars tells what became of the events of each endpoint", () => {
  const config = configOf(`
storage: inmemory
notifications:
  endpoints:
    - name: alice
      url: https://user:hush@events.example/in
      headers: { Authorization: [Bearer hush] }
      timeout: 1s
      threshold: 5
      backoff: 2s
      ignoredmediatypes: [text/plain]
      ignore: { actions: [pull] }
`);
  const meter = createMeter();
  const events = meter.counter(NOTIFICATION_INSTRUMENTS.events);
  events.with("Events", "alice").add(5);
  events.with("Successes", "alice").add(3);
  events.with("Failures", "alice").add(1);
  events.with("Events", "bob").add(7);
  meter.gauge(NOTIFICATION_INSTRUMENTS.pending).with("alice").set(2);
  meter.counter(NOTIFICATION_INSTRUMENTS.status).with("200 OK", "alice").add(3);
  meter.counter(NOTIFICATION_INSTRUMENTS.status).with("500 Internal Server Error", "bob").add(1);

  const vars = debugVars(config, meter.snapshot());

  assertEquals(vars["registry"], {
    notifications: {
      endpoints: [{
        name: "alice",
        url: "https://user:<hidden>@events.example/in",
        Headers: { Authorization: ["<hidden>"] },
        Timeout: 1_000_000_000,
        Threshold: 5,
        Backoff: 2_000_000_000,
        IgnoredMediaTypes: ["text/plain"],
        Ignore: { MediaTypes: ["text/plain"], Actions: ["pull"] },
        Metrics: {
          Pending: 2,
          Events: 5,
          Successes: 3,
          Failures: 1,
          Errors: 0,
          Statuses: { "200 OK": 3 },
        },
      }],
    },
  });
});

Deno.test("debugVars tells of Redis without its passwords", () => {
  const config = configOf(`
storage: inmemory
redis: { addrs: ["127.0.0.1:6379"], username: u, password: hush, db: 3 }
`);
  const meter = createMeter();
  meter.gauge(REDIS_INSTRUMENTS.connections).with().set(2);

  const text = JSON.stringify(debugVars(config, meter.snapshot()));

  assertStringIncludes(text, '"redis":{"Config":{"addrs":["127.0.0.1:6379"]');
  assertStringIncludes(text, '"password":"<hidden>"');
  assertStringIncludes(text, '"Active":2');
  assertEquals(text.includes("hush"), false);
});

Deno.test("debugVars counts what is pulled through", () => {
  const config = configOf(`
storage: inmemory
proxy: { remoteurl: "https://registry.example" }
`);
  const meter = createMeter();
  const { requests, hits, misses, pulledBytes, pushedBytes } = PROXY_INSTRUMENTS;
  meter.counter(requests).with("blob").add(5);
  meter.counter(hits).with("blob").add(3);
  meter.counter(misses).with("blob").add(2);
  meter.counter(pulledBytes).with("blob").add(20);
  meter.counter(pushedBytes).with("manifest").add(50);

  const { registry } = debugVars(config, meter.snapshot()) as {
    registry: Record<string, unknown>;
  };

  assertEquals(registry["proxy"], {
    blobs: { Requests: 5, Hits: 3, Misses: 2, BytesPulled: 20, BytesPushed: 0 },
    manifests: { Requests: 0, Hits: 0, Misses: 0, BytesPulled: 0, BytesPushed: 50 },
  });
});
