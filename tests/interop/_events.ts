import { request } from "../support/registry_client.ts";

const DIGEST = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const TYPE = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG_TYPE = "application/vnd.docker.container.image.v1+json";
const LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/** How many events {@linkcode useRegistry} makes. */
export const EVENTS = 8;

/** Pushes, pulls, mounts and deletes, one request after the other. */
export async function useRegistry(url: string): Promise<void> {
  const headers = { "user-agent": "tester" };
  const send = async (method: string, target: string, init: RequestInit = {}) => {
    const response = await request(target, {
      ...init,
      method,
      headers: { ...headers, ...init.headers as Record<string, string> },
      expect: [200, 201, 202],
    });
    await response.body?.cancel();
    return response;
  };
  const started = await send("POST", `${url}/v2/a/b/blobs/uploads/`);
  const upload = new URL(started.headers.get("location") ?? "", url);
  upload.searchParams.set("digest", DIGEST);
  await send("PUT", upload.href, { body: "hello" });
  const descriptor = { size: 5, digest: DIGEST };
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPE,
    config: { mediaType: CONFIG_TYPE, ...descriptor },
    layers: [{ mediaType: LAYER_TYPE, ...descriptor }],
  });
  const pushed = await send("PUT", `${url}/v2/a/b/manifests/t`, {
    headers: { "content-type": TYPE },
    body: manifest,
  });
  await send("GET", `${url}/v2/a/b/manifests/t`, { headers: { accept: TYPE } });
  await send("HEAD", `${url}/v2/a/b/blobs/${DIGEST}`);
  await send("POST", `${url}/v2/c/blobs/uploads/?mount=${DIGEST}&from=a/b`);
  const digest = pushed.headers.get("docker-content-digest") ?? "";
  await send("DELETE", `${url}/v2/a/b/manifests/${digest}`);
  await send("DELETE", `${url}/v2/c/blobs/${DIGEST}`);
}
