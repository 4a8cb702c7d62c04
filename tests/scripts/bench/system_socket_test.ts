import { assertEquals, assertRejects } from "@std/assert";
import { SystemSocket } from "../../../scripts/bench/system_socket.ts";

Deno.test("SystemSocket drops exactly as many bytes as it is told, and reads the next", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const content = Uint8Array.from({ length: 3_000_003 }, (_, index) => index % 251);
  const served = (async () => {
    using socket = await listener.accept();
    const asked = new Uint8Array(3);
    await socket.read(asked);
    for (let at = 0; at < content.length;) at += await socket.write(content.subarray(at));
    return asked;
  })();
  const socket = await SystemSocket.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  assertEquals(await socket.write(new Uint8Array([7, 8, 9])), 3);
  assertEquals(await socket.drop(3_000_000), 3_000_000);
  const next = new Uint8Array(1);
  assertEquals([await socket.read(next), next[0]], [1, 3_000_000 % 251]);
  assertEquals(await socket.drop(100), 2);
  assertEquals(await socket.drop(100), null);
  assertEquals(await served, new Uint8Array([7, 8, 9]));
  socket.close();
});

Deno.test("SystemSocket says where it cannot connect to", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await assertRejects(
    () => SystemSocket.connect({ hostname: "127.0.0.1", port }),
    Error,
    `127.0.0.1:${port}`,
  );
});

Deno.test("SystemSocket ends what waits when it is closed", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const socket = await SystemSocket.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using _ = await accepted;
  const waiting = socket.drop(10);
  socket.close();
  assertEquals(await waiting, null);
});
