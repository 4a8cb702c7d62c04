import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { configureLogging } from "../../src/log/configure.ts";
import { ServerError } from "../../src/server/error.ts";
import type { Client } from "../../src/base/client.ts";
import type { Handler } from "../../src/server/handler.ts";
import { startServer } from "../../src/server/start_server.ts";
import { TempFolder } from "../support/temp.ts";
import { CA_CERTIFICATE, CERTIFICATE, KEY, OTHER_KEY } from "./_certificates.ts";
import { isServed, LOG, rawRequest, readAll, readSome, start, testEach, text } from "./_server.ts";

/** A handler that answers when it is told to. */
function heldHandler() {
  const started = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const handler: Handler = async () => {
    started.resolve();
    await held.promise;
    return new Response("late", { headers: { "content-length": "4" } });
  };
  return { handler, started: started.promise, release: held.resolve };
}

testEach("startServer answers with its handler and tells who asks", async (start) => {
  let seen: Client | undefined;
  await using server = await start((request, client) => {
    seen = client;
    return new Response(`${request.method} ${new URL(request.url).pathname}`);
  });

  const response = await fetch(`${server.url}/v2/`, { method: "PATCH" });

  assertEquals(await response.text(), "PATCH /v2/");
  assertEquals(seen?.address, "127.0.0.1");
  assert((seen?.port ?? 0) > 0);
});

testEach("startServer listens on every interface and writes IPv4 peers as IPv4", async (start) => {
  let seen: Client | undefined;
  await using server = await start((_request, client) => {
    seen = client;
    return new Response(null);
  }, { addr: ":0" });

  await (await fetch(server.url)).body?.cancel();

  assertEquals(seen?.address, "127.0.0.1");
});

testEach(
  "startServer sends JSON byte for byte to a client that would take it packed",
  async (start) => {
    const body = JSON.stringify({ layers: "x".repeat(5000) });
    const headers = { "content-type": "application/json", "content-length": String(body.length) };
    await using server = await start(() => new Response(body, { headers }));

    const request =
      "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n";
    const answer = await readAll(await rawRequest(server, request));

    assertStringIncludes(answer.toLowerCase(), `content-length: ${body.length}`);
    assert(answer.endsWith(body));
  },
);

testEach("startServer answers 500 and logs what a handler throws", async (start) => {
  let text = "";
  const output = {
    write: (bytes: Uint8Array) => {
      text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.byteLength);
    },
  };
  const logging = configureLogging({ output });
  await using server = await start(() => {
    throw new TypeError("no such moon");
  });

  const response = await fetch(server.url);
  await logging.close();

  assertEquals([response.status, await response.text()], [500, ""]);
  assertStringIncludes(text, 'level=error msg="request failed unexpectedly"');
  assertStringIncludes(text, 'err.message="no such moon"');
  assertStringIncludes(text, "start_server_test.ts");
});

testEach(
  "startServer serves on a unix socket in place of a stale one, and removes it",
  async (start) => {
    await using folder = await TempFolder.make();
    const path = folder.join("registry.sock");
    Deno.listen({ transport: "unix", path }).close();
    let seen: Client | undefined;
    const server = await start((_request, client) => {
      seen = client;
      return text("ok");
    }, {
      addr: path,
      net: "unix",
    });

    const connection = await rawRequest(
      server,
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    const answer = await readAll(connection);
    await server.drain(1000);

    assert(answer.endsWith("ok"));
    assertEquals(server.address, { transport: "unix", path });
    assertEquals(seen?.address, "@");
    await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
  },
);

Deno.test("startServer refuses a path where something that is no socket is", async () => {
  await using folder = await TempFolder.make();
  const addr = await folder.write("notes.txt", "keep me");
  const options = { handler: () => new Response(), addr, net: "unix", log: LOG } as const;

  const error = await assertRejects(() => startServer(options), ServerError) as ServerError;

  assertEquals(error.code, "not_a_socket");
});

testEach("startServer says that an address is taken", async (start) => {
  await using server = await start(() => new Response());
  const { address } = server;
  const addr = `127.0.0.1:${address.transport === "tcp" && address.port}`;

  const error = await assertRejects(
    () => startServer({ handler: () => new Response(), addr, log: LOG }),
    ServerError,
  ) as ServerError;

  assertEquals(error.code, "address_in_use");
  assertStringIncludes(error.message, `http.addr "${addr}"`);
});

Deno.test("startServer serves TLS with HTTP/2", async () => {
  await using folder = await TempFolder.make();
  const files = {
    certificate: await folder.write("tls.crt", CERTIFICATE),
    key: await folder.write("tls.key", KEY),
  };
  const tls = { files };
  await using server = await start((request) => {
    return new Response(`${new URL(request.url).protocol} ${request.headers.has("host")}`);
  }, { tls });
  using client = Deno.createHttpClient({ caCerts: [CA_CERTIFICATE] });

  const response = await fetch(server.url.replace("http:", "https:"), { client });

  // No host header, which is how the access log tells HTTP/2.
  assertEquals(await response.text(), "https: false");
});

Deno.test("startServer refuses a key that belongs to another certificate", async () => {
  await using folder = await TempFolder.make();
  const files = {
    certificate: await folder.write("tls.crt", CERTIFICATE),
    key: await folder.write("tls.key", OTHER_KEY),
  };
  const tls = { files };

  const error = await assertRejects(
    () => start(() => new Response(), { tls }),
    ServerError,
  ) as ServerError;

  assertEquals(error.code, "tls_invalid");
  assertStringIncludes(error.message, "they do not belong together");
});

testEach("RunningServer.drain lets what runs finish, and accepts nothing more", async (start) => {
  const { handler, started, release } = heldHandler();
  await using server = await start(handler);
  const answer = fetch(server.url);
  await started;

  const drained = server.drain(60_000);
  assertEquals(await isServed(server), false);
  release();

  assertEquals(await (await answer).text(), "late");
  assertEquals(await drained, 0);
  await server.finished;
});

testEach("RunningServer.drain lets an upload finish, and takes nothing more", async (start) => {
  const started = Promise.withResolvers<void>();
  await using server = await start(async (request) => {
    started.resolve();
    return text(await request.text());
  });
  using upload = await rawRequest(
    server,
    "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345",
  );
  await started.promise;

  const drained = server.drain(60_000);
  assertEquals(await isServed(server), false);
  await upload.write(new TextEncoder().encode("67890"));

  assert((await readSome(upload)).endsWith("1234567890"));
  assertEquals(await drained, 0);
});

testEach("RunningServer.drain tells of an upload that was not finished in time", async (start) => {
  const started = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<void>();
  await using server = await start(async (request) => {
    started.resolve();
    await request.text().catch(() => failed.resolve());
    return new Response(null);
  });
  using upload = await rawRequest(
    server,
    "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345",
  );
  await started.promise;

  assertEquals(await server.drain(1), 1);
  await server.finished;

  upload.closeWrite().catch(() => {});
  await failed.promise;
});

testEach("RunningServer.drain closes connections on which nothing is going on", async (start) => {
  await using server = await start(() => text("ok"));
  using idle = await rawRequest(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  assert((await readSome(idle)).endsWith("ok"));

  assertEquals(await server.drain(60_000), 0);

  assertEquals(await idle.read(new Uint8Array(1)), null);
});

testEach("RunningServer.drain tells what was not finished in time", async (start) => {
  const { handler, started, release } = heldHandler();
  await using server = await start(handler);
  const answer = fetch(server.url);
  await started;

  assertEquals(await server.drain(1), 1);
  await server.finished;

  release();
  await (await answer).text();
});

testEach("RunningServer.drain with 0 ends everything at once", async (start) => {
  const { handler, started, release } = heldHandler();
  await using server = await start(handler);
  const answer = assertRejects(() => fetch(server.url));
  await started;

  assertEquals(await server.drain(0), 1);
  await server.finished;

  await answer;
  release();
});

testEach(
  "RunningServer.drain counts a request whose client has gone until its work ends",
  async (start) => {
    const { handler, started, release } = heldHandler();
    await using server = await start(handler);
    const connection = await rawRequest(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await started;
    connection.close();

    const drained = server.drain(60_000);
    release();

    assertEquals(await drained, 0);
  },
);
