import { assertEquals, assertStringIncludes } from "@std/assert";
import { freePort } from "../support/process.ts";
import { filesystemStorage, type Registry, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { polled } from "../support/until.ts";

/** What `/readyz` answers. */
async function readiness({ url }: Registry): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, text: await response.text() };
}

async function untilReady(registry: Registry, wanted: (text: string) => boolean): Promise<void> {
  if (await polled(async () => wanted((await readiness(registry)).text))) return;
  throw new Error(`Health did not change: ${JSON.stringify(await readiness(registry))}`);
}

function countLines(registry: Registry, message: string): number {
  const lines = registry.process.output.split("\n");
  return lines.filter((line) => line.includes(message)).length;
}

Deno.test("serve is taken out by each of the four checks, tells why, and comes back", async () => {
  await using temp = await TempFolder.make();
  const down = temp.join("down");
  const root = await temp.folder("data");
  const tcpPort = freePort();
  let httpStatus = 200;
  await using web = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(null, { status: httpStatus }),
  );
  const uri = `http://127.0.0.1:${web.addr.port}/`;
  const pace = { interval: "1s", threshold: 1 };
  const config = {
    // A thread that is still starting when its storage breaks would end the program.
    http: { workers: 1 },
    storage: filesystemStorage(root),
    health: {
      storagedriver: { enabled: true, ...pace },
      file: [{ file: down, interval: "1s" }],
      http: [{ uri, statuscode: 200, timeout: "5s", ...pace }],
      tcp: [{ addr: `127.0.0.1:${tcpPort}`, timeout: "5s", ...pace }],
    },
  };
  using listener = Deno.listen({ hostname: "127.0.0.1", port: tcpPort });
  await using registry = await startStowage({ folder: temp.path, config });
  await untilReady(registry, (text) => text === "ok\n");

  httpStatus = 500;
  listener.close();
  await Deno.writeTextFile(down, "");
  await Deno.remove(root, { recursive: true });
  await Deno.symlink(root, root);
  const names = ["storagedriver_filesystem", down, uri, `127.0.0.1:${tcpPort}`];
  await untilReady(registry, (text) => names.every((name) => text.includes(name)));
  assertEquals((await readiness(registry)).status, 503);
  assertEquals((await fetch(`${registry.url}/livez`)).status, 200);
  const refused = await fetch(`${registry.url}/v2/`);
  assertEquals(refused.status, 503);
  assertStringIncludes(await refused.text(), "file exists");

  httpStatus = 200;
  await Deno.remove(down);
  await Deno.remove(root);
  using _again = Deno.listen({ hostname: "127.0.0.1", port: tcpPort });
  await untilReady(registry, (text) => text === "ok\n");
  for (const message of ["health check fails", "health check passes again"]) {
    // The last line may come after the answer that it speaks of.
    await polled(() => countLines(registry, message) >= names.length);
    assertEquals(countLines(registry, message), names.length, message);
  }
});
