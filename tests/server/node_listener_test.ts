import { connect } from "node:http2";
import { assertEquals } from "@std/assert";
import { listenerContract } from "../contracts/listener.ts";
import { start, text } from "./_server.ts";

listenerContract("listenWithNode", "node");

/** Asks over HTTP/2 without TLS; gives the answer, or what it failed with. */
async function askHttp2(url: string, body: Uint8Array): Promise<string> {
  const session = connect(url);
  const { promise, resolve } = Promise.withResolvers<string>();
  session.on("error", () => resolve("failed"));
  const stream = session.request({ ":method": "PUT", ":path": "/v2/" });
  let answer = "";
  stream.on("data", (bytes) => answer += bytes);
  stream.on("end", () => resolve(answer));
  stream.on("error", () => resolve("failed"));
  stream.end(body);
  try {
    return await promise;
  } finally {
    session.destroy();
  }
}

const describe = async (request: Request) => {
  const { length } = await request.bytes();
  return text(`${length} bytes to ${new URL(request.url).pathname}`);
};

Deno.test("listenWithNode speaks HTTP/2 without TLS beside HTTP/1.1 where it is switched on", async () => {
  await using server = await start(describe, { listener: "node", h2c: true });
  const body = new Uint8Array(300_000);

  assertEquals(await askHttp2(server.url, body), "300000 bytes to /v2/");
  const response = await fetch(`${server.url}/v2/`, { method: "PUT", body });
  assertEquals(await response.text(), "300000 bytes to /v2/");
});

Deno.test("listenWithNode speaks no HTTP/2 without TLS where it is switched off", async () => {
  await using server = await start(describe, { listener: "node" });

  assertEquals(await askHttp2(server.url, new Uint8Array(1)), "failed");
});

Deno.test("listenWithNode ends in order behind a front", async () => {
  const held = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  await using server = await start(async () => {
    started.resolve();
    await held.promise;
    return text("late");
  }, { listener: "node", h2c: true });
  const answer = fetch(server.url);
  await started.promise;

  const drained = server.drain(60_000);
  held.resolve();

  assertEquals(await (await answer).text(), "late");
  assertEquals(await drained, 0);
});
