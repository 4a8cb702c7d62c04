import { assertEquals } from "@std/assert";

Deno.test({
  name: "sendAtOnce has a listener, and what connects to it, send what there is",
  ignore: Deno.build.os !== "linux",
  async fn() {
    assertEquals(await countAtOnce(""), 0);
    // The listener and its side of the connection, not the client's.
    assertEquals(await countAtOnce("sendAtOnce();"), 2);
  },
});

/**
 * How many sockets have the option `TCP_NODELAY` where `statement` ran between a listener and its
 * first connection. They are those of a program of its own, all of whose listeners change.
 */
async function countAtOnce(statement: string): Promise<number> {
  const module = new URL("../../src/server/send_at_once.ts", import.meta.url);
  const source = `import { sendAtOnce } from ${JSON.stringify(module)};
    const libc = Deno.dlopen("libc.so.6", {
      getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
    });
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    ${statement}
    const client = await Deno.connect(listener.addr);
    const accepted = await listener.accept();
    let count = 0;
    for (const { name } of Deno.readDirSync("/proc/self/fd")) {
      const value = new Int32Array(1);
      libc.symbols.getsockopt(Number(name), 6, 1, value, new Uint32Array([4]));
      count += value[0];
    }
    console.log(count);
    for (const socket of [accepted, client, listener]) socket.close();`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-config", "--no-check", "--allow-all"],
      `data:text/javascript,${encodeURIComponent(source)}`,
    ],
    stderr: "inherit",
  }).output();
  return Number(new TextDecoder().decode(stdout));
}
