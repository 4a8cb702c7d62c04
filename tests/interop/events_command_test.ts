import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { readProjectFile, serveFlags } from "../../scripts/serve_flags.ts";
import { run } from "../support/process.ts";
import { request } from "../support/registry_client.ts";
import { type Registry, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

const ROOT: string = join(import.meta.dirname ?? ".", "../..");
const TYPE = "application/vnd.oci.image.index.v1+json";

/** Runs `stowage events` beside a registry that runs; gives the lines that it prints. */
async function events(action: string, { folder, registry }: {
  readonly folder: TempFolder;
  readonly registry: Registry;
}): Promise<readonly string[]> {
  const flags = serveFlags(await readProjectFile(ROOT));
  const config = folder.join(`stowage-${registry.port}.yml`);
  const entry: string = join(ROOT, "src/main.ts");
  return (await run([Deno.execPath(), "run", ...flags, entry, "events", action, config])).split(
    "\n",
  );
}

Deno.test("stowage events: what an endpoint would not take is listed, sent again, and forgotten", async () => {
  await using folder = await TempFolder.make();
  const taken: string[] = [];
  let status = 500;
  await using endpoint = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { events } = await request.json() as { events: { id: string }[] };
      if (status === 200) taken.push(...events.map(({ id }) => id));
      return new Response(null, { status });
    },
  );
  const url = `http://127.0.0.1:${endpoint.addr.port}/`;
  await using registry = await startStowage({
    folder: folder.path,
    config: { notifications: { endpoints: [{ name: "e", url, deadletter: { tries: 1 } }] } },
  });
  const scene = { folder, registry };
  const push = async (tag: string) => {
    await request(`${registry.url}/v2/a/manifests/${tag}`, {
      method: "PUT",
      headers: { "content-type": TYPE },
      body: JSON.stringify({ schemaVersion: 2, mediaType: TYPE, manifests: [] }),
      expect: [201],
    });
  };
  const deadLetters = async () =>
    (await events("list", scene)).map((line) => JSON.parse(line))
      .filter((line) => "deadLetter" in line);

  await push("one");
  await until(async () => (await deadLetters()).length === 1);
  const [letter] = await deadLetters();
  assertEquals([letter.endpoint, letter.tries, letter.event.target.tag], ["e", 1, "one"]);
  assertEquals(letter.reason, "the endpoint answered 500 Internal Server Error");

  status = 200;
  assertEquals(await events("replay", scene), ["1 events will be sent again"]);
  await until(() => taken.length === 1);
  assertEquals(taken, [letter.event.id]);
  assertEquals(await deadLetters(), []);

  status = 500;
  await push("two");
  await until(async () => (await deadLetters()).length === 1);
  assertEquals(await events("drop", scene), ["1 events forgotten"]);
  const [line = ""] = await events("list", scene);
  assertEquals(JSON.parse(line), { endpoint: "e", pending: 0 });
});
