import { assertEquals } from "@std/assert";
import { hashSync } from "bcryptjs";
import { noteSecrets } from "../support/secrets.ts";
import { startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";

const PASSWORD = "whoever-may-use-the-cache";

Deno.test("a cache asks nobody for what a caller may not have", async () => {
  await using temp = await TempFolder.make();
  const asked: string[] = [];
  await using upstream = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => {
      asked.push(new URL(request.url).pathname);
      return new Response(null, { status: 404 });
    },
  );
  noteSecrets(PASSWORD);
  const path = await temp.write("users", `alice:${hashSync(PASSWORD, 4)}\n`);
  await using cache = await startStowage({
    folder: temp.path,
    config: {
      proxy: { remoteurl: `http://127.0.0.1:${upstream.addr.port}` },
      auth: { htpasswd: { realm: "cache", path } },
    },
  });
  const url = `${cache.url}/v2/team/app/manifests/v1`;
  const statusWith = async (headers: HeadersInit) => {
    const response = await fetch(url, { headers });
    await response.body?.cancel();
    return response.status;
  };

  assertEquals(await statusWith({}), 401);
  assertEquals(await statusWith({ authorization: `Basic ${btoa("alice:a guess")}` }), 401);
  assertEquals(asked, []);
  assertEquals(await statusWith({ authorization: `Basic ${btoa(`alice:${PASSWORD}`)}` }), 404);
  assertEquals(asked.includes("/v2/team/app/manifests/v1"), true);
});
