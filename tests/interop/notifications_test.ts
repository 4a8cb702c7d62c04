import { assertEquals } from "@std/assert";
import { request } from "../support/registry_client.ts";
import { startDistribution2, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

type Json = Record<string, unknown>;

const DIGEST = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const TYPE = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG_TYPE = "application/vnd.docker.container.image.v1+json";
const LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/** How many events {@linkcode use} makes. */
const EVENTS = 8;

/** A post as it came: its media type and the indented body. */
interface Post {
  readonly mediaType: string;
  readonly body: string;
}

/** Pushes, pulls, mounts and deletes, one request after the other. */
async function use(url: string): Promise<void> {
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

/** What each of two starts has of its own is replaced by its kind. */
function comparable(event: Json, url: string): Json {
  const { id: _id, timestamp: _timestamp, source: _source, request, ...rest } = event;
  const { id: _requestId, addr: _addr, host, ...asked } = request as Json;
  // Version 2 leaves out what is empty; version 3 does not, and both read the same.
  const target = { mediaType: "", digest: "", size: 0, ...rest["target"] as Json };
  const known = JSON.stringify({ ...rest, target, request: { ...asked, host } })
    .replaceAll(new URL(url).host, "HOST");
  return JSON.parse(known) as Json;
}

async function eventsOf(start: typeof startStowage, count: number): Promise<readonly Json[]> {
  await using folder = await TempFolder.make();
  const posts: Post[] = [];
  const arrived = Promise.withResolvers<void>();
  await using endpoint = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const mediaType = request.headers.get("content-type") ?? "";
      posts.push({ mediaType, body: await request.text() });
      if (posts.length === count) arrived.resolve();
      return new Response();
    },
  );
  const url = `http://127.0.0.1:${endpoint.addr.port}/`;
  const endpoints = [{ name: "e", url, timeout: "1s", threshold: 5, backoff: "1s" }];
  const notifications = { events: { includereferences: true }, endpoints };
  await using registry = await start({ folder: folder.path, config: { notifications } });
  await use(registry.url);
  await arrived.promise;
  return posts.map(({ body }) => {
    const envelope = JSON.parse(body) as { events: Json[] };
    assertEquals(body, JSON.stringify(envelope, undefined, 3));
    assertEquals(envelope.events.length, 1);
    return comparable(envelope.events[0] ?? {}, registry.url);
  });
}

testWith(["docker-registry"], {
  name: "notifications: the envelopes of the same requests are Distribution's",
  async fn() {
    const theirs = await eventsOf(startDistribution2, EVENTS);
    const ours = await eventsOf(startStowage, EVENTS);
    assertEquals(ours, theirs);
  },
});
