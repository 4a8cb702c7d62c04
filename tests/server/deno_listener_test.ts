import { assertEquals, assertRejects } from "@std/assert";
import type { RunningServer } from "../../src/server/start_server.ts";
import { TLS_CHECK_MS } from "../../src/server/tls_watch.ts";
import { listenerContract } from "../contracts/listener.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { CA_CERTIFICATE, CERTIFICATE, KEY } from "./_certificates.ts";
import { CLIENT_CA, NEXT_SERVER } from "./_client_certificates.ts";
import { start, text } from "./_server.ts";

listenerContract("listenWithDeno", "deno");

/** Asks a server over a connection of its own, trusting one authority. */
async function ask({ address }: RunningServer, authority: string): Promise<string> {
  const port = address.transport === "tcp" ? address.port : 0;
  using client = Deno.createHttpClient({ caCerts: [authority] });
  const response = await fetch(`https://127.0.0.1:${port}/`, { client });
  return await response.text();
}

Deno.test("listenWithDeno serves a renewed certificate on the same port, and lets what runs end", async () => {
  await using folder = await TempFolder.make();
  const files = {
    certificate: await folder.write("tls.crt", CERTIFICATE),
    key: await folder.write("tls.key", KEY),
  };
  const timers = new ManualTimers();
  const held = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  let requests = 0;
  await using server = await start(async () => {
    if (requests++ === 0) {
      started.resolve();
      await held.promise;
    }
    return text("in");
  }, { tls: { files }, timers, listener: "deno" });
  const running = ask(server, CA_CERTIFICATE);
  await started.promise;

  await folder.write("tls.crt", NEXT_SERVER.cert);
  await folder.write("tls.key", NEXT_SERVER.key);
  await timers.pass(TLS_CHECK_MS);
  while (timers.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 0));

  assertEquals(await ask(server, CLIENT_CA), "in");
  await assertRejects(() => ask(server, CA_CERTIFICATE));
  held.resolve();
  assertEquals(await running, "in");
  assertEquals(await server.drain(1000), 0);
});
