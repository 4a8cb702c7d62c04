import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ClientAuth } from "../../src/config/sections/http_tls.ts";
import type { RunningServer } from "../../src/server/start_server.ts";
import { TempFolder } from "../support/temp.ts";
import { CA_CERTIFICATE, CERTIFICATE, KEY } from "./_certificates.ts";
import {
  CLIENT,
  CLIENT_CA,
  EXPIRED_CLIENT,
  NEXT_SERVER,
  STRANGER,
} from "./_client_certificates.ts";
import { start, text } from "./_server.ts";

type TlsOptions = Parameters<typeof Deno.createHttpClient>[0];

/** Asks a server, and gives what it answers. */
async function ask(server: RunningServer, options: TlsOptions, init?: RequestInit) {
  const { address } = server;
  const port = address.transport === "tcp" ? address.port : 0;
  using client = Deno.createHttpClient({ caCerts: [CA_CERTIFICATE, CLIENT_CA], ...options });
  const response = await fetch(`https://127.0.0.1:${port}/`, { ...init, client });
  return await response.text();
}

async function writeFiles(folder: TempFolder) {
  return {
    certificate: await folder.write("tls.crt", CERTIFICATE),
    key: await folder.write("tls.key", KEY),
    ca: await folder.write("ca.crt", CLIENT_CA),
  };
}

const CLIENTS = { none: {}, CLIENT, EXPIRED_CLIENT, STRANGER } as const;

const ADMITTED: Readonly<Record<ClientAuth, readonly (keyof typeof CLIENTS)[]>> = {
  "request-client-cert": ["none", "CLIENT", "EXPIRED_CLIENT", "STRANGER"],
  "require-any-client-cert": ["CLIENT", "EXPIRED_CLIENT", "STRANGER"],
  "verify-client-cert-if-given": ["none", "CLIENT"],
  "require-and-verify-client-cert": ["CLIENT"],
};

for (const [clientAuth, admitted] of Object.entries(ADMITTED)) {
  Deno.test(`createNodeTlsServer admits the clients of ${clientAuth} alone`, async () => {
    await using folder = await TempFolder.make();
    const { ca, ...files } = await writeFiles(folder);
    let answered = 0;
    const tls = { files, clientCas: [ca], clientAuth: clientAuth as ClientAuth };
    await using server = await start(() => {
      answered++;
      return text("in");
    }, { tls, listener: "node" });

    for (const http2 of [true, false]) {
      for (const [name, identity] of Object.entries(CLIENTS)) {
        const options: TlsOptions = { ...identity, http1: !http2, http2 };
        if (admitted.some((other) => other === name)) {
          assertEquals(await ask(server, options), "in", `${name} is admitted`);
        } else {
          await assertRejects(() => ask(server, options), `${name} is not`);
        }
      }
    }

    assertEquals(answered, 2 * admitted.length);
  });
}

Deno.test("createNodeTlsServer speaks no HTTP/2 where it is switched off", async () => {
  await using folder = await TempFolder.make();
  const { ca: _, ...files } = await writeFiles(folder);
  const protocol = (request: Request) => text(request.headers.has("host") ? "1.1" : "2");
  await using both = await start(protocol, { tls: { files }, listener: "node" });
  await using one = await start(protocol, { tls: { files, http2: false }, listener: "node" });

  assertEquals(await ask(both, {}), "2");
  assertEquals(await ask(one, {}), "1.1");
});

Deno.test("createNodeTlsServer speaks no version that is too old", async () => {
  await using folder = await TempFolder.make();
  const { ca: _, ...files } = await writeFiles(folder);
  const tls = { files, minimumTls: "tls1.3" } as const;
  await using server = await start(() => text("1.3"), { tls, listener: "node" });

  assertEquals(await ask(server, {}), "1.3");
  const { promise, resolve } = Promise.withResolvers<string>();
  const { connect } = await import("node:tls");
  const { address } = server;
  const port = address.transport === "tcp" ? address.port : 0;
  const socket = connect({ port, host: "127.0.0.1", maxVersion: "TLSv1.2", ca: CA_CERTIFICATE });
  socket.on("secureConnect", () => resolve("connected"));
  socket.on("error", () => resolve("refused"));
  assertEquals(await promise, "refused");
  socket.destroy();
});

for (const http2 of [true, false]) {
  const version = http2 ? "HTTP/2" : "HTTP/1.1";

  Deno.test(`createNodeTlsServer takes and gives bodies over ${version}`, async () => {
    await using folder = await TempFolder.make();
    const { ca: _, ...files } = await writeFiles(folder);
    await using server = await start(async (request) => {
      if (request.method === "HEAD") {
        return new Response(null, { headers: { "content-length": "7" } });
      }
      const bytes = new Uint8Array(await request.arrayBuffer());
      return new Response(bytes, {
        headers: { "content-length": String(bytes.length), "x-url": request.url },
      });
    }, { tls: { files }, listener: "node" });
    const body = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 251);
    const { address } = server;
    const url = `https://127.0.0.1:${address.transport === "tcp" ? address.port : 0}/a/../b?c=d`;
    using client = Deno.createHttpClient({
      caCerts: [CA_CERTIFICATE],
      http1: !http2,
      http2,
    });

    const known = await fetch(url, { method: "PUT", body, client });
    const stream = await fetch(url, { method: "PATCH", body: new Blob([body]).stream(), client });
    const head = await fetch(url, { method: "HEAD", client });

    for (const response of [known, stream]) {
      const bytes = new Uint8Array(await response.arrayBuffer());
      assertEquals(bytes.length, body.length);
      assert(bytes.every((byte, index) => byte === index % 251));
      assertEquals(response.headers.get("x-url"), url.replace("/a/../", "/"));
    }
    assertEquals(head.headers.get("content-length"), "7");
  });

  Deno.test(`createNodeTlsServer ends in order with a request over ${version} under way`, async () => {
    await using folder = await TempFolder.make();
    const { ca: _, ...files } = await writeFiles(folder);
    const started = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    await using server = await start(async () => {
      started.resolve();
      await held.promise;
      return text("late");
    }, { tls: { files }, listener: "node" });
    const answer = ask(server, { http1: !http2, http2 });
    await started.promise;

    const drained = server.drain(60_000);
    held.resolve();

    assertEquals(await answer, "late");
    assertEquals(await drained, 0);
  });
}

Deno.test("createNodeTlsServer takes no more of a body over HTTP/2 than its window", async () => {
  await using folder = await TempFolder.make();
  const { ca: _, ...files } = await writeFiles(folder);
  const held = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  await using server = await start(async (request) => {
    started.resolve();
    await held.promise;
    await request.body?.cancel();
    return text("enough");
  }, { tls: { files }, listener: "node" });
  let produced = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      produced += 65_536;
      controller.enqueue(new Uint8Array(65_536));
      // Only what the server takes lets the loop go on.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (produced > 64 * 1024 * 1024) controller.close();
    },
  });

  const answer = ask(server, { http1: false, http2: true }, { method: "PUT", body });
  await started.promise;
  let before = -1;
  while (produced !== before) {
    before = produced;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const taken = produced;
  held.resolve();

  assertEquals(await answer.catch(() => "enough"), "enough");
  assert(taken < 8 * 1024 * 1024, `${taken} bytes were taken`);
});

Deno.test("createNodeTlsServer serves a renewed certificate, and keeps asking for clients'", async () => {
  await using folder = await TempFolder.make();
  const { ca, ...files } = await writeFiles(folder);
  const tls = { files, clientCas: [ca] };
  const { ManualTimers } = await import("../support/manual_timers.ts");
  const timers = new ManualTimers();
  await using server = await start(() => text("in"), { tls, timers, listener: "node" });
  assertEquals(await ask(server, { ...CLIENT, caCerts: [CA_CERTIFICATE] }), "in");

  await folder.write("tls.crt", NEXT_SERVER.cert);
  await folder.write("tls.key", NEXT_SERVER.key);
  await timers.pass(10_000);
  while (timers.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 1));

  assertEquals(await ask(server, { ...CLIENT, caCerts: [CLIENT_CA] }), "in");
  await assertRejects(() => ask(server, { ...CLIENT, caCerts: [CA_CERTIFICATE] }));
  await assertRejects(() => ask(server, { caCerts: [CLIENT_CA] }));
});
