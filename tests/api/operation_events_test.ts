import { assertEquals } from "@std/assert";
import type { EventRecorder, OperationEvent } from "../../src/notifications/event.ts";
import { OCI_CONFIG, OCI_LAYER, TestRegistry } from "./_registry.ts";

const TYPE = "application/vnd.oci.image.index.v1+json";
const BODY = '{"schemaVersion":2,"manifests":[]}';

function listening({ includeReferences = true } = {}) {
  const heard: OperationEvent[] = [];
  const events: EventRecorder = {
    includeReferences,
    wants: () => true,
    record(event) {
      heard.push(event);
      return Promise.resolve();
    },
  };
  const registry = new TestRegistry({ store: { deleteEnabled: true }, api: { events } });
  return { registry, heard };
}

Deno.test("recordManifest and recordDelete tell of pushes, pulls and deletes with their tags", async () => {
  const { registry, heard } = listening();
  const headers = { "content-type": TYPE, "user-agent": "t" };
  const pushed = await registry.send("PUT", "/v2/a/manifests/t", { headers, body: BODY });
  const digest = pushed.headers.get("docker-content-digest") ?? "";
  await registry.send("HEAD", "/v2/a/manifests/t");
  await registry.send("GET", `/v2/a/manifests/${digest}`, {
    headers: { "if-none-match": `"${digest}"` },
  });
  await registry.send("GET", `/v2/a/manifests/${digest}`);
  await registry.send("DELETE", `/v2/a/manifests/${digest}`);
  await registry.send("GET", `/v2/a/manifests/${digest}`);

  const told = heard.map(({ action, target }) => [action, target.digest, target.tag]);
  assertEquals(told, [
    ["push", digest, "t"],
    ["pull", digest, "t"],
    ["pull", digest, undefined],
    ["delete", digest, undefined],
    ["delete", "", "t"],
  ]);
  assertEquals(heard[0]?.target, {
    mediaType: TYPE,
    size: BODY.length,
    digest,
    length: BODY.length,
    repository: "a",
    url: `http://registry.test/v2/a/manifests/${digest}`,
    tag: "t",
    references: [],
  });
  assertEquals([heard[0]?.request.method, heard[0]?.request.useragent], ["PUT", "t"]);
});

Deno.test("recordBlob tells of pushes, pulls and mounts", async () => {
  const { registry, heard } = listening();
  const digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  await registry.send("POST", `/v2/a/blobs/uploads/?digest=${digest}`, { body: "hello" });
  const pulled = await registry.send("GET", `/v2/a/blobs/${digest}`);
  await pulled.body?.cancel();
  await registry.send("POST", `/v2/b/blobs/uploads/?mount=${digest}&from=a`);
  await registry.send("DELETE", `/v2/b/blobs/${digest}`);

  const told = heard.map(({ action, target }) => [
    action,
    target.repository,
    target.fromRepository,
    target.size,
  ]);
  assertEquals(told, [
    ["push", "a", undefined, 5],
    ["pull", "a", undefined, 5],
    ["mount", "b", "a", 5],
    ["delete", "b", undefined, 0],
  ]);
});

Deno.test("recordManifest tells what a manifest refers to where that is wanted, and not else", async () => {
  for (const includeReferences of [true, false]) {
    const { registry, heard } = listening({ includeReferences });
    const { config, layer } = await registry.pushImage("a", { reference: "t", layer: "layer" });

    const target = heard.at(-1)?.target;
    assertEquals(target?.tag, "t");
    assertEquals(
      target?.references,
      includeReferences
        ? [
          { mediaType: OCI_CONFIG, digest: config, size: 2 },
          { mediaType: OCI_LAYER, digest: layer, size: 5 },
        ]
        : undefined,
    );
  }
});

Deno.test("recordManifest tells of each tag of a push, and recordDelete of one tag alone", async () => {
  const { registry, heard } = listening();
  const { bytes, digest } = await registry.pushImage("a");
  heard.length = 0;
  await registry.putManifest("a", `${digest}?tag=one&tag=two`, bytes);
  await registry.send("DELETE", "/v2/a/manifests/one");

  assertEquals(heard.map(({ action, target }) => [action, target.digest, target.tag]), [
    ["push", digest, "one"],
    ["push", digest, "two"],
    ["delete", "", "one"],
  ]);
});

Deno.test("events tell which request it was, and of nobody who is unknown", async () => {
  const { registry, heard } = listening();
  await registry.pushBlob("a", "hello");

  const [event] = heard;
  assertEquals(event?.actor, {});
  assertEquals({ ...event?.request, id: typeof event?.request.id }, {
    id: "string",
    addr: "127.0.0.1:40000",
    host: "registry.test",
    method: "PUT",
    useragent: "",
  });
});
