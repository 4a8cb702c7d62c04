import { assertEquals } from "@std/assert";
import { openLine } from "../../../scripts/bench/slow_line.ts";

Deno.test("openLine passes on what a server says, and counts connections", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => new Response(`heard ${await request.text()}`),
  );
  const { hostname, port } = server.addr;
  {
    await using line = openLine({ hostname, port }, 10_000_000);
    const client = Deno.createHttpClient({});
    const url = `http://${line.address.hostname}:${line.address.port}/`;
    const response = await fetch(url, { method: "POST", body: "this", client });
    assertEquals(await response.text(), "heard this");
    assertEquals(line.connections, 1);
    client.close();
    assertEquals(openLine({ hostname, port }, 0).address, { hostname, port });
  }
  await server.shutdown();
});
