import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Address,
  expectStatus,
  HttpConnection,
} from "../../../scripts/bench/http_connection.ts";

/** What becomes of bodies. */
const WAYS = [["bodies read", false], ["bodies dropped", true]] as const;

async function withServer(
  handler: (request: Request) => Response | Promise<Response>,
  use: (address: Address) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  try {
    await use({ hostname: "127.0.0.1", port: server.addr.port });
  } finally {
    await server.shutdown();
  }
}

for (const [how, drops] of WAYS) {
  Deno.test(`HttpConnection sends bodies of any size and many requests, ${how}`, async () => {
    const seen: unknown[] = [];
    const ports = new Set<number>();
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request, info) => {
        ports.add(info.remoteAddr.port);
        const body = await request.bytes();
        seen.push([request.method, new URL(request.url).pathname, body.length, body.at(-1)]);
        return new Response(`got ${body.length}`, { headers: { "X-Own": "a: b" } });
      },
    );
    const large = new Uint8Array(9_000_000);
    using connection = await HttpConnection.open(
      { hostname: "127.0.0.1", port: server.addr.port },
      { drops },
    );
    const small = [new Uint8Array([1, 2]), new Uint8Array([3])];
    const answers = [
      await connection.send({ method: "POST", path: "/none" }),
      await connection.send({ method: "PUT", path: "/small", body: small }),
      await connection.send({ method: "PUT", path: "/large", body: [large, new Uint8Array([7])] }),
      await connection.send({ method: "GET", path: "/get" }),
    ];
    await server.shutdown();

    assertEquals(seen, [
      ["POST", "/none", 0, undefined],
      ["PUT", "/small", 3, 3],
      ["PUT", "/large", 9_000_001, 7],
      ["GET", "/get", 0, undefined],
    ]);
    assertEquals(ports.size, 1);
    const [first] = answers;
    assertEquals([first?.status, first?.excerpt, first?.headers.get("x-own")], [
      200,
      "got 0",
      "a: b",
    ]);
  });

  Deno.test(`HttpConnection reads over bodies, also those that are not sent, ${how}`, async () => {
    await withServer(
      ({ method, url }) =>
        url.endsWith("/204")
          ? new Response(null, { status: 204 })
          : new Response(new Uint8Array(1_000_000), {
            headers: { "Content-Length": "1000000" },
            ...method === "HEAD" ? { status: 404 } : {},
          }),
      async (address) => {
        using connection = await HttpConnection.open(address, { drops });
        const lengths: number[] = [];
        for (
          const [method, path] of [["GET", "/"], ["HEAD", "/"], ["GET", "/204"], [
            "GET",
            "/",
          ]] as const
        ) {
          lengths.push((await connection.send({ method, path })).bodyBytes);
        }
        assertEquals(lengths, [1_000_000, 0, 0, 1_000_000]);
      },
    );
  });
}

Deno.test("HttpConnection refuses an answer without a length", async () => {
  const stream = () => ReadableStream.from([new Uint8Array(5)]);
  await withServer(() => new Response(stream()), async (address) => {
    using connection = await HttpConnection.open(address);
    await assertRejects(
      () => connection.send({ method: "GET", path: "/" }),
      Error,
      "Content-Length",
    );
  });
});

for (const [how, drops] of WAYS) {
  Deno.test(`HttpConnection fails when its signal is aborted, ${how}`, async () => {
    const stop = new AbortController();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Response>();
    await withServer(() => {
      asked.resolve();
      return answer.promise;
    }, async (address) => {
      using connection = await HttpConnection.open(address, { signal: stop.signal, drops });
      const sent = connection.send({ method: "GET", path: "/" });
      await asked.promise;
      stop.abort();
      await assertRejects(() => sent);
      answer.resolve(new Response());
    });
  });

  Deno.test(`HttpConnection fails when the server goes away within a body, ${how}`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served = (async () => {
      using socket = await listener.accept();
      await socket.read(new Uint8Array(1000));
      await socket.write(
        new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nbegin"),
      );
    })();
    const { port } = listener.addr;
    using connection = await HttpConnection.open({ hostname: "127.0.0.1", port }, { drops });
    const sent = connection.send({ method: "GET", path: "/" });
    await assertRejects(() => sent, Error, "closed the connection");
    await served;
  });
}

Deno.test("expectStatus tells what was answered", () => {
  const answer = { status: 404, headers: new Map(), bodyBytes: 4, excerpt: "gone" };
  assertEquals(expectStatus(answer, { what: "GET /", expected: [200, 404] }), answer);
  assertThrows(
    () => expectStatus(answer, { what: "GET /", expected: [200] }),
    Error,
    "GET / answered 404, expected 200: gone",
  );
});
