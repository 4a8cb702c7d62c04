import { assertEquals } from "@std/assert";
import { probeReply } from "../../src/api/probes.ts";
import { toText } from "../../src/base/bytes.ts";
import { TestRegistry } from "./_registry.ts";

const FAILURES = { storagedriver_filesystem: "no disk", "db:5432": "refused" };

function ask(path: string, failures?: Readonly<Record<string, string>>) {
  const reply = probeReply(path, failures);
  return reply && [reply.status, reply.body instanceof Uint8Array ? toText(reply.body) : ""];
}

Deno.test("probeReply says that the program lives, whatever its health", () => {
  assertEquals(ask("/livez"), [200, "ok\n"]);
  assertEquals(ask("/livez", FAILURES), [200, "ok\n"]);
});

Deno.test("probeReply says whether requests should come, and why not", () => {
  assertEquals(ask("/readyz"), [200, "ok\n"]);
  const reasons = "storagedriver_filesystem: no disk\ndb:5432: refused\n";
  assertEquals(ask("/readyz", FAILURES), [503, reasons]);
});

Deno.test("probeReply leaves every other path alone", () => {
  for (const path of ["/", "/livez/", "/v2/livez", "/healthz"]) {
    assertEquals(ask(path, FAILURES), undefined);
  }
});

Deno.test("createApi answers probes while health checks fail, and everything else with 503", async () => {
  const registry = new TestRegistry({ api: { failures: () => FAILURES } });

  assertEquals((await registry.send("GET", "/livez")).status, 200);
  assertEquals((await registry.send("HEAD", "/readyz")).status, 503);
  const refused = await registry.send("GET", "/v2/");

  assertEquals(refused.status, 503);
  assertEquals(
    await refused.text(),
    '{"errors":[{"code":"UNAVAILABLE","message":"service unavailable",' +
      '"detail":"health checks fail: storagedriver_filesystem: no disk; db:5432: refused"}]}\n',
  );
});
