import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { type Image, makeImage, makeIndex } from "../support/images.ts";
import { tryRun } from "../support/process.ts";
import { pushImage, request, verifyImage } from "../support/registry_client.ts";
import {
  filesystemStorage,
  type Registry,
  startStowage,
  stowageProgram,
} from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { s3Storage, startGateway } from "../support/versitygw.ts";

/** How long to wait for a collection beside requests, in polls 100 ms apart. */
const MAX_POLLS = 600;

const NAME = "team/app";

type Section = Readonly<Record<string, unknown>>;

Deno.test("collectors, check and repository keep a store on a disk in order", async () => {
  await using temp = await TempFolder.make();
  await keepInOrder(temp, filesystemStorage(temp.join("data")));
});

testWith(["versitygw"], {
  name: "collectors, check and repository keep a store on S3 in order",
  async fn() {
    await using temp = await TempFolder.make();
    await using gateway = await startGateway();
    await keepInOrder(temp, s3Storage(gateway.url));
  },
});

async function keepInOrder(temp: TempFolder, storage: Section): Promise<void> {
  const kept = await makeIndex({ seed: "kept" });
  const config = await temp.write("config.yml", JSON.stringify({ version: "0.1", storage }));
  await collectBesideRequests(temp, { storage, kept });
  await leaveGarbage(temp, { storage, kept });

  const dry = await collect(config, "--dry-run");
  assert(dry.blobs >= 3, JSON.stringify(dry));
  const { blobs, bytes } = await collect(config);
  assertEquals([blobs, bytes], [dry.blobs, dry.bytes]);
  assertEquals((await collect(config)).blobs, 0);
  assertEquals(await stowage("check", "--json", config), "");
  assertEquals(await stowage("repository", "list", config), `${NAME}\n`);

  {
    await using registry = await start(temp, storage);
    await verifyImage({ url: registry.url, name: NAME }, { image: kept, reference: "v1" });
  }
  assertEquals(await stowage("repository", "delete", NAME, config), `deleted ${NAME}\n`);
  assertEquals(await stowage("repository", "list", config), "");
  assert((await collect(config)).blobs > 3);
  assertEquals(await stowage("check", config), "");
}

/** Untagged content goes while a registry answers, and nothing else does. */
async function collectBesideRequests(
  temp: TempFolder,
  { storage, kept }: { readonly storage: Section; readonly kept: Image },
): Promise<void> {
  const garbagecollection = {
    enabled: true,
    interval: "1s",
    grace: "1s",
    deleteuntagged: true,
  };
  await using registry = await start(temp, { ...storage, maintenance: { garbagecollection } });
  const repository = { url: registry.url, name: NAME };
  await pushImage(repository, { image: kept, tag: "v1" });
  const untagged = await makeImage({ seed: "untagged" });
  await pushImage(repository, { image: untagged });
  for (let polls = 0; !/collected garbage" blobs=[1-9]/.test(registry.process.output); polls++) {
    if (polls === MAX_POLLS) throw new Error(`Nothing was collected:\n${registry.process.output}`);
    await delay(100);
  }
  await verifyImage(repository, { image: kept, reference: "v1" });
}

async function leaveGarbage(
  temp: TempFolder,
  { storage, kept }: { readonly storage: Section; readonly kept: Image },
): Promise<void> {
  await using registry = await start(temp, storage);
  const repository = { url: registry.url, name: NAME };
  const image = await makeImage({ seed: "garbage" });
  await pushImage(repository, { image, tag: "old" });
  const path = `/v2/${NAME}/manifests/${image.manifest.digest}`;
  await request(registry.url + path, { method: "DELETE", expect: [202] });
  await verifyImage(repository, { image: kept, reference: "v1" });
}

function start(temp: TempFolder, storage: Section): Promise<Registry> {
  return startStowage({ folder: temp.path, config: { storage } });
}

/** What a collection by command came to. */
async function collect(
  config: string,
  ...flags: readonly string[]
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  return JSON.parse(await stowage("garbage-collect", "--json", "-m", ...flags, config));
}

/** What a command prints; it must succeed. */
async function stowage(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await tryRun([...await stowageProgram(), ...args]);
  assertEquals(code, 0, stdout + stderr);
  return stdout;
}
