import { getLogger } from "@logtape/logtape";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { startService } from "../../src/cli/service.ts";
import { loadConfig } from "../../src/config/load.ts";
import { configureLogging } from "../../src/log/configure.ts";
import { ServerError } from "../../src/server/error.ts";
import { CERTIFICATE, KEY } from "../server/_certificates.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeOutput, FakeSurroundings } from "./_fake_surroundings.ts";

const LOG = getLogger("stowage");

function configOf(http: Readonly<Record<string, unknown>>, log: unknown = {}) {
  const storage = { inmemory: {}, maintenance: { uploadpurging: { enabled: false } } };
  return loadConfig({ text: JSON.stringify({ version: "0.1", log, storage, http }) }).config;
}

Deno.test("startService answers on its address and writes the access log", async () => {
  const surroundings = new FakeSurroundings();
  const config = configOf({ addr: "127.0.0.1:0" });
  const service = await startService(config, { log: LOG, surroundings });
  const port = service.address.transport === "tcp" ? service.address.port : 0;

  const response = await fetch(`http://127.0.0.1:${port}/v2/`);
  await response.body?.cancel();
  assertEquals(await service.stop(1000), 0);
  await service.finished;

  assertEquals(response.status, 200);
  assertMatch(
    surroundings.stdout.text,
    /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/v2\/ HTTP\/1\.1" 200 2 "" "Deno\/[^"]*"\n$/,
  );
});

Deno.test("startService writes no access log where it is disabled", async () => {
  const surroundings = new FakeSurroundings();
  const config = configOf({ addr: "127.0.0.1:0" }, { accesslog: { disabled: true } });
  const service = await startService(config, { log: LOG, surroundings });
  const port = service.address.transport === "tcp" ? service.address.port : 0;

  const response = await fetch(`http://127.0.0.1:${port}/v2/`);
  await response.body?.cancel();
  await service.stop(1000);

  assertEquals(surroundings.stdout.text, "");
});

Deno.test("startService logs where it listens, and whether with TLS", async () => {
  await using folder = await TempFolder.make();
  const tls = {
    certificate: await folder.write("tls.crt", CERTIFICATE),
    key: await folder.write("tls.key", KEY),
  };
  const output = new FakeOutput();
  const logging = configureLogging({ output });
  const options = { log: logging.log, surroundings: new FakeSurroundings() };

  const plain = await startService(configOf({ addr: "127.0.0.1:0" }), options);
  const secure = await startService(configOf({ addr: "127.0.0.1:0", tls }), options);
  await Promise.all([plain.stop(0), secure.stop(0)]);
  await logging.close();

  assertMatch(output.text, / level=info msg="listening on 127\.0\.0\.1:\d+"\n/);
  assertMatch(output.text, / level=info msg="listening on 127\.0\.0\.1:\d+, tls"\n/);
});

Deno.test("startService says that listeners of a service manager are not used", async () => {
  const output = new FakeOutput();
  const logging = configureLogging({ output });
  const surroundings = new FakeSurroundings({ LISTEN_PID: "42", LISTEN_FDS: "1" });

  const service = await startService(configOf({ addr: "127.0.0.1:0" }), {
    log: logging.log,
    surroundings,
  });
  await service.stop(0);
  await logging.close();

  assertStringIncludes(output.text, "level=warning");
  assertStringIncludes(output.text, "listeners=1");
});

Deno.test("startService leaves nothing open where it cannot listen", async () => {
  const options = { log: LOG, surroundings: new FakeSurroundings() };
  const service = await startService(configOf({ addr: "127.0.0.1:0" }), options);
  const port = service.address.transport === "tcp" ? service.address.port : 0;

  const error = await assertRejects(
    () => startService(configOf({ addr: `127.0.0.1:${port}` }), options),
    ServerError,
  );
  await service.stop(0);

  assert(error instanceof ServerError && error.code === "address_in_use");
});
