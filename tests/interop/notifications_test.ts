import { assertEquals } from "@std/assert";
import { startDistribution2, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { EVENTS, useRegistry } from "./_events.ts";

type Json = Record<string, unknown>;

/** A post as it came: its media type and the indented body. */
interface Post {
  readonly mediaType: string;
  readonly body: string;
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
  await useRegistry(registry.url);
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
