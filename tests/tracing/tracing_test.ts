import { assert, assertEquals } from "@std/assert";
import { startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { TraceCollector } from "./_collector.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const HEADERS = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` };
const DIGEST = "sha256:84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";
const INDEX = "application/vnd.oci.image.index.v1+json";
const STORAGE = "io.cncf.distribution.storage.";

/** Pushes a blob and a manifest, all in one trace. */
async function push(url: string): Promise<void> {
  const started = await fetch(`${url}/v2/foo/blobs/uploads/`, { method: "POST", headers: HEADERS });
  const location = started.headers.get("location") ?? "";
  const put = await fetch(`${location}?digest=${DIGEST}`, {
    method: "PUT",
    headers: HEADERS,
    body: "0123456789",
  });
  const manifest = await fetch(`${url}/v2/foo/manifests/v1`, {
    method: "PUT",
    headers: { ...HEADERS, "content-type": INDEX },
    body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] }),
  });
  const answers = [started, put, manifest];
  await Promise.all(answers.map((answer) => answer.body?.cancel()));
  assertEquals(answers.map(({ status }) => status), [202, 201, 201]);
}

for (const workers of [1, 2]) {
  Deno.test(`stowage serve with ${workers} threads sends one trace of a push, with its storage calls`, async () => {
    await using folder = await TempFolder.make();
    await using collector = new TraceCollector();
    await using registry = await startStowage({
      folder: folder.path,
      config: { http: { workers } },
      env: {
        OTEL_DENO: "true",
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_SERVICE_NAME: "registry",
        OTEL_BSP_SCHEDULE_DELAY: "50",
      },
    });

    await push(registry.url);
    // The span of a request is the last one of it to end, and each thread sends its own.
    await collector.until((spans) => {
      return spans.filter(({ name }) => name.includes(" /v2/foo/")).length === 3;
    });

    assert(collector.services.has("registry"));
    const spans = collector.spans.filter(({ traceId }) => traceId === TRACE_ID);
    const requests = [
      "POST /v2/foo/blobs/uploads/",
      "PUT /v2/foo/blobs/uploads/",
      "PUT /v2/foo/manifests/v1",
    ].map((start) => spans.find(({ name }) => name.startsWith(start)));
    const children = requests.map((request) =>
      new Set(
        spans.filter(({ parentSpanId }) => parentSpanId === request?.spanId)
          .map(({ name }) => name),
      )
    );
    assert(children[0]?.has("PutContent"));
    for (const name of ["Writer", "Stat", "Apply"]) assert(children[1]?.has(name), name);
    assert(children[2]?.has("Apply"));
    const writer = spans.find(({ name }) => name === "Writer");
    assertEquals(writer?.attributes[`${STORAGE}driver.name`], "filesystem");
    assertEquals(String(writer?.attributes[`${STORAGE}size`]), "10");
  });
}

Deno.test("stowage serve sends no trace unless it is asked to", async () => {
  await using folder = await TempFolder.make();
  await using collector = new TraceCollector();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "1",
  };
  const registry = await startStowage({ folder: folder.path, env });

  await push(registry.url);
  await registry.process.stop();

  assertEquals(collector.requests, 0);
});
