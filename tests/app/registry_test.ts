import { assertEquals } from "@std/assert";
import { createRegistry } from "../../src/app/registry.ts";
import { toBytes } from "../../src/base/bytes.ts";
import { configOf } from "./_config.ts";

Deno.test("createRegistry answers requests until it is closed", async () => {
  const registry = await createRegistry(configOf("storage: inmemory\nhttp: { prefix: /x/ }"));

  const base = await registry.fetch(new Request("http://registry.test/x/v2/"));
  const elsewhere = await registry.fetch(new Request("http://registry.test/v2/"));
  await registry.close();

  assertEquals([base.status, elsewhere.status], [200, 404]);
});

Deno.test("createRegistry looks tags up with as many readers as it finds processors", async () => {
  const registry = await createRegistry(
    configOf("storage: { inmemory: , delete: { enabled: true } }"),
  );
  const bytes = toBytes('{"schemaVersion":2,"manifests":[]}');
  const headers = { "content-type": "application/vnd.oci.image.index.v1+json" };
  const url = "http://registry.test/v2/foo/manifests";
  const put = (reference: string) =>
    registry.fetch(new Request(`${url}/${reference}`, { method: "PUT", headers, body: bytes }));

  const digest = (await put("v1")).headers.get("docker-content-digest");
  await put("v2");
  const deleted = await registry.fetch(new Request(`${url}/${digest}`, { method: "DELETE" }));
  const gone = await registry.fetch(new Request(`${url}/v2`));
  await registry.close();

  assertEquals([deleted.status, gone.status], [202, 404]);
});
