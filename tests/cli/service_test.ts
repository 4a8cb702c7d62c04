import { getLogger } from "@logtape/logtape";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { startService } from "../../src/cli/service.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ServerError } from "../../src/server/error.ts";
import { FakeOutput } from "./_fake_surroundings.ts";

const LOG = getLogger("stowage");

function configOf(http: Readonly<Record<string, unknown>>, log: unknown = {}) {
  const storage = { inmemory: {}, maintenance: { uploadpurging: { enabled: false } } };
  return loadConfig({ text: JSON.stringify({ version: "0.1", log, storage, http }) }).config;
}

Deno.test("startService answers on its address and writes the access log", async () => {
  const stdout = new FakeOutput();
  const config = configOf({ addr: "127.0.0.1:0" });
  const service = await startService(config, { log: LOG, stdout });
  const port = service.address.transport === "tcp" ? service.address.port : 0;

  const response = await fetch(`http://127.0.0.1:${port}/v2/`);
  await response.body?.cancel();
  assertEquals(await service.stop(1000), 0);
  await service.finished;

  assertEquals(response.status, 200);
  assertMatch(
    stdout.text,
    /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/v2\/ HTTP\/1\.1" 200 2 "" "Deno\/[^"]*"\n$/,
  );
});

Deno.test("startService writes no access log where it is disabled", async () => {
  const stdout = new FakeOutput();
  const config = configOf({ addr: "127.0.0.1:0" }, { accesslog: { disabled: true } });
  const service = await startService(config, { log: LOG, stdout });
  const port = service.address.transport === "tcp" ? service.address.port : 0;

  const response = await fetch(`http://127.0.0.1:${port}/v2/`);
  await response.body?.cancel();
  await service.stop(1000);

  assertEquals(stdout.text, "");
});

Deno.test("startService leaves nothing open where it cannot listen", async () => {
  const options = { log: LOG, stdout: new FakeOutput() };
  const service = await startService(configOf({ addr: "127.0.0.1:0" }), options);
  const port = service.address.transport === "tcp" ? service.address.port : 0;

  const error = await assertRejects(
    () => startService(configOf({ addr: `127.0.0.1:${port}` }), options),
    ServerError,
  );
  await service.stop(0);

  assert(error instanceof ServerError && error.code === "address_in_use");
});
