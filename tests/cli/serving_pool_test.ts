import { getLogger, type Logger } from "@logtape/logtape";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Service } from "../../src/cli/service.ts";
import { startServingPool } from "../../src/cli/serving_pool.ts";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { configureLogging } from "../../src/log/configure.ts";
import { HTTP_INSTRUMENTS } from "../../src/metrics/instruments/http_instruments.ts";
import { PROGRAM_INSTRUMENTS } from "../../src/metrics/instruments/program_instruments.ts";
import { createMeter, type Meter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { ServerError } from "../../src/server/error.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeOutput } from "./_fake_surroundings.ts";

const MAIN = new URL("../../src/main.ts", import.meta.url).href;
const FAILING = new URL("./_failing_thread.ts", import.meta.url).href;

/** Most looks at something that changes in another thread; one lasts a millisecond at least. */
const MAX_LOOKS = 60_000;

function configIn(folder: TempFolder, more: Readonly<Record<string, unknown>> = {}): Config {
  return loadConfig({
    text: JSON.stringify({
      version: "0.1",
      storage: {
        filesystem: { rootdirectory: folder.join("data") },
        delete: { enabled: true },
        maintenance: { uploadpurging: { enabled: false } },
      },
      http: { addr: "127.0.0.1:0" },
      ...more,
    }),
  }).config;
}

/** A pool of three threads; it ends with the block that holds it. */
async function startPool(
  config: Config,
  { entry = MAIN, log = getLogger("stowage"), stdout = new FakeOutput(), meter } = {} as {
    entry?: string;
    log?: Logger;
    stdout?: FakeOutput;
    meter?: Meter;
  },
): Promise<Service & AsyncDisposable & { readonly url: string }> {
  const service = await startServingPool(config, {
    log,
    instanceId: "test",
    stdout,
    stderr: new FakeOutput(),
    terminal: false,
    entry,
    threads: 3,
    restartDelayMs: 1,
    meter,
  });
  const port = service.address.transport === "tcp" ? service.address.port : 0;
  let isStopped = false;
  const stop = (drainTimeoutMs: number) => {
    isStopped = true;
    return service.stop(drainTimeoutMs);
  };
  return {
    ...service,
    stop,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      if (!isStopped) await stop(0);
    },
  };
}

/** Sends a request on a connection of its own, which any of the threads may have taken. */
async function send(url: string, init: RequestInit = {}): Promise<Response> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const response = await fetch(url, { ...init, client });
  return new Response(await response.arrayBuffer(), response);
}

async function statusBecomes(url: string, status: number): Promise<boolean> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const found = await send(url).then((response) => response.status, () => 0);
    if (found === status) return true;
  }
  return false;
}

Deno.test("startServingPool serves what was pushed and nothing that was deleted, on any thread", async () => {
  await using folder = await TempFolder.make();
  await using pool = await startPool(configIn(folder));
  const headers = { "content-type": "application/vnd.oci.image.index.v1+json" };

  for (let round = 0; round < 100; round++) {
    const body = JSON.stringify({
      schemaVersion: 2,
      manifests: [],
      annotations: { r: `${round}` },
    });
    const tag = `${pool.url}/v2/foo/manifests/v1`;
    const put = await send(tag, { method: "PUT", headers, body });
    const digest = put.headers.get("docker-content-digest");
    const byDigest = `${pool.url}/v2/foo/manifests/${digest}`;
    const reads = await Promise.all([tag, byDigest, tag, byDigest].map((url) => send(url)));
    const deleted = await send(byDigest, { method: "DELETE" });
    const gone = await Promise.all([tag, byDigest, tag, byDigest].map((url) => send(url)));

    assertEquals([put.status, deleted.status], [201, 202]);
    assertEquals(reads.map(({ status }) => status), [200, 200, 200, 200]);
    assertEquals(gone.map(({ status }) => status), [404, 404, 404, 404]);
  }
});

Deno.test("startServingPool lets an upload be continued by any thread", async () => {
  await using folder = await TempFolder.make();
  await using pool = await startPool(configIn(folder));
  const digest = "sha256:84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";

  for (let round = 0; round < 10; round++) {
    const started = await send(`${pool.url}/v2/foo/blobs/uploads/`, { method: "POST" });
    const location = started.headers.get("location") ?? "";
    for (const body of ["01234", "56789"]) {
      assertEquals((await send(location, { method: "PATCH", body })).status, 202);
    }
    const put = await send(`${location}?digest=${digest}`, { method: "PUT" });
    assertEquals(put.status, 201);
  }
});

Deno.test("startServingPool writes the access log of all threads", async () => {
  await using folder = await TempFolder.make();
  const stdout = new FakeOutput();
  const pool = await startPool(configIn(folder), { stdout });

  await Promise.all(Array.from({ length: 20 }, () => send(`${pool.url}/v2/`)));
  assertEquals(await pool.stop(1000), 0);

  const lines = stdout.text.trimEnd().split("\n");
  assertEquals(lines.length, 20);
  assert(lines.every((line) => /^127\.0\.0\.1 .* "GET \/v2\/ HTTP\/1\.1" 200 2 /.test(line)));
});

Deno.test("startServingPool tells all threads of a health check that fails", async () => {
  await using folder = await TempFolder.make();
  const down = folder.join("down");
  const health = { file: [{ file: down, interval: "10ms" }] };
  await using pool = await startPool(configIn(folder, { health }));

  assertEquals((await send(`${pool.url}/v2/`)).status, 200);
  await Deno.writeTextFile(down, "");
  assert(await statusBecomes(`${pool.url}/v2/`, 503));
  await Deno.remove(down);
  assert(await statusBecomes(`${pool.url}/v2/`, 200));
});

Deno.test("startServingPool replaces a thread that fails", async () => {
  await using folder = await TempFolder.make();
  const output = new FakeOutput();
  const logging = configureLogging({ output });
  const crash = folder.join("crash");
  const health = { file: [{ file: crash, interval: "10ms" }] };
  await using pool = await startPool(configIn(folder, { health }), {
    entry: FAILING,
    log: logging.log,
  });

  await Deno.writeTextFile(crash, "");
  // All three threads fail; those that take their place are told that the check fails.
  assert(await statusBecomes(`${pool.url}/v2/`, 503));
  await Deno.remove(crash);
  assert(await statusBecomes(`${pool.url}/v2/`, 200));
  await pool.stop(0);
  await logging.close();

  assertStringIncludes(output.text, 'msg="a serving thread failed and is replaced"');
  assertStringIncludes(output.text, "a bug");
});

Deno.test("startServingPool adds up what its threads measured, those that failed included", async () => {
  await using folder = await TempFolder.make();
  const crash = folder.join("crash");
  const config = configIn(folder, {
    health: { file: [{ file: crash, interval: "10ms" }] },
    http: {
      addr: "127.0.0.1:0",
      debug: { addr: "127.0.0.1:0", prometheus: { enabled: true } },
    },
  });
  const { requests } = HTTP_INSTRUMENTS;
  await using pool = await startPool(config, { entry: FAILING, meter: createMeter() });

  await Promise.all(Array.from({ length: 30 }, () =>
    send(`${pool.url}/v2/foo/blobs/uploads/`, {
      method: "POST",
    })));
  const before = await pool.metrics();
  assertEquals(sumOf(before, requests, { handler: "blob_upload" }), 30);
  assertEquals(sumOf(before, PROGRAM_INSTRUMENTS.threads), 3);

  await Promise.all(Array.from({ length: 30 }, () => send(`${pool.url}/v2/foo/tags/list`)));
  await Deno.writeTextFile(crash, "");
  assert(await statusBecomes(`${pool.url}/v2/`, 503));
  await Deno.remove(crash);
  assert(await statusBecomes(`${pool.url}/v2/`, 200));

  const after = await pool.metrics();
  assertEquals(sumOf(after, requests, { handler: "blob_upload" }), 30);
  assertEquals(sumOf(after, requests, { handler: "tags" }), 30);
  assertEquals(sumOf(after, PROGRAM_INSTRUMENTS.threadRestarts), 3);
});

Deno.test("startServingPool says why it cannot listen, and leaves nothing open", async () => {
  await using folder = await TempFolder.make();
  await using other = await startPool(configIn(folder));
  using _taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = _taken.addr as Deno.NetAddr;

  const error = await assertRejects(
    () => startPool(configIn(folder, { http: { addr: `127.0.0.1:${port}` } })),
    ServerError,
  );

  assert(error instanceof ServerError && error.code === "address_in_use");
  assertEquals((await send(`${other.url}/v2/`)).status, 200);
});
