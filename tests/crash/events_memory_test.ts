import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { startEndpoint } from "../interop/_event_endpoint.ts";
import { freePort } from "../support/process.ts";
import { request } from "../support/registry_client.ts";
import { startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { assertPeak, MEBIBYTE } from "./large_blobs.ts";
import { soak } from "./soak.ts";

const PULLS = soak(2000, 1200);

/** Each event has so many references, and is 150 KB long. */
const LAYERS = 1000;

/** What the registry may hold: 260 MiB are its own, and the events are as much or more. */
const LIMIT_BYTES = soak(450, 400) * MEBIBYTE;

const CLIENTS = 8;

const TYPE = "application/vnd.oci.image.manifest.v1+json";

/** Pushes an image with many layers, which are one and the same. */
async function pushImage(url: string): Promise<void> {
  const blob = "layer";
  const digest = `sha256:${createHash("sha256").update(blob).digest("hex")}`;
  const descriptor = { digest, size: blob.length };
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", ...descriptor };
  await request(`${url}/v2/a/blobs/uploads/?digest=${digest}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: blob,
    expect: [201],
  });
  await request(`${url}/v2/a/manifests/t`, {
    method: "PUT",
    headers: { "content-type": TYPE },
    body: JSON.stringify({
      schemaVersion: 2,
      mediaType: TYPE,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...descriptor },
      layers: Array.from({ length: LAYERS }, () => layer),
    }),
    expect: [201],
  });
}

testWith(["linux"], {
  name: "events wait on disk: endpoints that never answer hold up nothing and take no memory",
  fn: async () => {
    await using folder = await TempFolder.make();
    await using well = startEndpoint();
    const release = Promise.withResolvers<Response>();
    let asked = 0;
    await using silent = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      asked++;
      return release.promise;
    });
    const endpoints = [
      { name: "silent", url: `http://127.0.0.1:${silent.addr.port}/`, timeout: "10m" },
      { name: "gone", url: `http://127.0.0.1:${freePort()}/` },
      { name: "well", url: well.url, batch: { events: 20 } },
    ];
    await using registry = await startStowage({
      folder: folder.path,
      config: {
        http: { workers: 2 },
        notifications: { events: { includereferences: true }, endpoints },
      },
    });
    await pushImage(registry.url);

    let left = PULLS;
    await Promise.all(Array.from({ length: CLIENTS }, async () => {
      while (left-- > 0) {
        await request(`${registry.url}/v2/a/manifests/t`, { method: "HEAD", expect: [200] });
      }
    }));
    const pulls = () => well.received.filter(({ action }) => action === "pull");
    await until(() => pulls().length >= PULLS);

    assertEquals(new Set(pulls().map(({ id }) => id)).size, PULLS);
    assertEquals(asked, 1);
    release.resolve(new Response());
    const what = `${PULLS} events of 150 KB for an endpoint that never answers`;
    await assertPeak(registry, { what, limitBytes: LIMIT_BYTES });
  },
});
