import { assertMatch, assertStringIncludes } from "@std/assert";
import { startServing } from "../../src/cli/start_serving.ts";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { configureLogging } from "../../src/log/configure.ts";
import { CERTIFICATE, KEY } from "../server/_certificates.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeOutput, FakeSurroundings } from "./_fake_surroundings.ts";

function configOf(http: Readonly<Record<string, unknown>>): Config {
  const storage = { inmemory: {}, maintenance: { uploadpurging: { enabled: false } } };
  return loadConfig({ text: JSON.stringify({ version: "0.1", storage, http }) }).config;
}

/** Starts and stops with each configuration, and gives the log. */
async function logOf(
  configs: readonly Config[],
  surroundings = new FakeSurroundings(),
): Promise<string> {
  const output = new FakeOutput();
  const logging = configureLogging({ output });
  for (const config of configs) {
    const options = { log: logging.log, surroundings, instanceId: "test" };
    await (await startServing(config, options)).stop(0);
  }
  await logging.close();
  return output.text;
}

Deno.test("startServing logs where it listens, and whether with TLS", async () => {
  await using folder = await TempFolder.make();
  const tls = {
    certificate: await folder.write("tls.crt", CERTIFICATE),
    key: await folder.write("tls.key", KEY),
  };
  const addr = "127.0.0.1:0";

  const text = await logOf([configOf({ addr }), configOf({ addr, tls })]);

  assertMatch(text, / level=info msg="listening on 127\.0\.0\.1:\d+"\n/);
  assertMatch(text, / level=info msg="listening on 127\.0\.0\.1:\d+, tls"\n/);
});

Deno.test("startServing says that listeners of a service manager are not used", async () => {
  const surroundings = new FakeSurroundings({ LISTEN_PID: "42", LISTEN_FDS: "1" });

  const text = await logOf([configOf({ addr: "127.0.0.1:0" })], surroundings);

  assertStringIncludes(text, "level=warning");
  assertStringIncludes(text, "listeners=1");
});

Deno.test("startServing says that threads cannot share what is in memory", async () => {
  const text = await logOf([configOf({ addr: "127.0.0.1:0", workers: 4 })]);

  assertMatch(text, /level=warning msg="http.workers is not used: one thread serves"/);
});
