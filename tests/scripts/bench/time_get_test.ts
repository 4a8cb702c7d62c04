import { assertEquals, assertRejects } from "@std/assert";
import { timeGet } from "../../../scripts/bench/time_get.ts";

async function withServer(
  handler: () => Response,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  try {
    await use(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("timeGet does not count the first answer, which it checks", async () => {
  let asked = 0;
  const checked: unknown[] = [];
  const options = {
    times: 3,
    limitMs: 60_000,
    check: (document: unknown) => checked.push(document),
  };
  await withServer(() => Response.json({ asked: ++asked }), async (url) => {
    assertEquals((await timeGet(url, options)).requests, 3);
  });
  assertEquals(asked, 4);
  assertEquals(checked, [{ asked: 1 }]);
});

Deno.test("timeGet asks once at least when the time is up", async () => {
  await withServer(() => Response.json({}), async (url) => {
    const { requests } = await timeGet(url, { times: 100, limitMs: 0, check: () => {} });
    assertEquals(requests, 1);
  });
});

Deno.test("timeGet tells what was answered instead", async () => {
  const options = { times: 1, limitMs: 1000, check: () => {} };
  await withServer(() => new Response("no such list", { status: 404 }), async (url) => {
    await assertRejects(() => timeGet(url, options), Error, "404: no such list");
  });
});
