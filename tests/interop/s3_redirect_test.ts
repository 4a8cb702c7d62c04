/**
 * Clients that are sent to a real store for blobs.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { makeImage } from "../support/images.ts";
import { blobUrl, pushImage } from "../support/registry_client.ts";
import { startRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { s3Storage, startGateway } from "../support/versitygw.ts";

testWith(["versitygw"], {
  name: "serve sends clients to the store, but for what the store cannot answer",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using gateway = await startGateway();
    const { redirect: _, ...storage } = s3Storage(gateway.url, { rootdirectory: "/root" });
    await using registry = await startRegistry("stowage", {
      folder: temp.path,
      config: { storage },
    });
    const repository = { url: registry.url, name: "app" };
    const image = await makeImage({ seed: "redirect", layerSizes: [200_000] });
    await pushImage(repository, { image, tag: "v1" });
    const blob = image.blobs[0];
    const url = blobUrl(repository, blob?.digest ?? "");

    const ask = (method: string, headers: Record<string, string> = {}) =>
      fetch(url, { method, headers, redirect: "manual" });
    for (const method of ["GET", "HEAD"]) {
      const response = await ask(method);
      await response.body?.cancel();
      assertEquals(response.status, 307);
      const target = new URL(response.headers.get("location") ?? "");
      assertEquals(target.origin, gateway.url);
      assertEquals(target.pathname.startsWith("/registry/root/docker/registry/v2/blobs/"), true);
      const followed = await fetch(target, { method });
      assertEquals(followed.status, 200);
      assertEquals(Number(followed.headers.get("content-length")), blob?.bytes.byteLength);
      await followed.body?.cancel();
    }

    const ranges = await ask("GET", { Range: "bytes=0-9,20-29" });
    await ranges.body?.cancel();
    assertEquals(ranges.status, 206);
    const one = await fetch(url, { headers: { Range: "bytes=5-9" } });
    assertEquals(one.status, 206);
    assertEquals(await one.bytes(), new Uint8Array(blob?.bytes.slice(5, 10) ?? []));
    const missing = await fetch(url.replace(/.{6}$/, "000000"), { redirect: "manual" });
    await missing.body?.cancel();
    assertEquals(missing.status, 404);
  },
});
