import { assert, assertEquals } from "@std/assert";
import { type Image, makeImage, makeIndex } from "../support/images.ts";
import { run, tryRun } from "../support/process.ts";
import {
  pullManifest,
  pushImage,
  type Repository,
  verifyImage,
} from "../support/registry_client.ts";
import { filesystemStorage, startStowage, stowageProgram } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

/** How often a backup is made while others push. */
const BACKUPS = 4;

/** Clients that push without end, each to a repository of its own. */
const PUSHERS = 4;

testWith(["rsync"], {
  name: "a backup made as the manual says, while others push, is whole",
  async fn() {
    await using temp = await TempFolder.make();
    const registry = await startStowage({
      folder: temp.path,
      config: { storage: filesystemStorage(temp.join("registry")) },
    });
    const repositories: Repository[] = Array.from(
      { length: PUSHERS },
      (_, number) => ({ url: registry.url, name: `team/app-${number}` }),
    );
    const kept: Image[] = [];
    for (const [number, repository] of repositories.entries()) {
      const image = await makeIndex({ seed: `kept ${number}` });
      await pushImage(repository, { image, tag: "kept" });
      await pushImage(repository, { image, tag: "moved" });
      kept.push(image);
    }
    {
      await using _ = registry;
      const stop = new AbortController();
      const pushing = Promise.all(
        repositories.map((repository) => pushOn(repository, stop.signal)),
      );
      try {
        for (let backup = 0; backup < BACKUPS; backup++) {
          await backUp(temp.join("registry"), temp.join("backup"));
        }
      } finally {
        stop.abort();
        await pushing;
      }
      const counts = await pushing;
      assert(counts.every((count) => count > 0), `${counts}`);
    }
    await restoredIsWhole(temp, kept);
  },
});

/** Pushes images under new tags and under one that is there, until the signal comes. */
async function pushOn(repository: Repository, signal: AbortSignal): Promise<number> {
  for (let count = 0;; count++) {
    if (signal.aborted) return count;
    const image = await makeImage({ seed: `${repository.name} ${count}` });
    await pushImage(repository, { image, tag: "moved" });
    await pushImage(repository, { image, tag: `v${count}` });
  }
}

/** Runs the commands of the manual with other folders than those that it names. */
async function backUp(registry: string, backup: string): Promise<void> {
  const page = await Deno.readTextFile(new URL("../../docs/operations.md", import.meta.url));
  const [, section = ""] = page.split("## Back up and restore");
  const [, commands = ""] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
  const script = commands.replaceAll("/var/lib/registry", registry)
    .replaceAll("/backup", backup);
  assert(script.includes(backup) && script.includes(registry), script);
  await run(["sh", "-euc", script]);
}

/** What was there before the backup is in it, and so is all that anything in it names. */
async function restoredIsWhole(temp: TempFolder, kept: readonly Image[]): Promise<void> {
  const storage = filesystemStorage(temp.join("backup"));
  const config = await temp.write("restored.yml", JSON.stringify({ version: "0.1", storage }));
  const check = await tryRun([...await stowageProgram(), "check", config]);
  assertEquals([check.code, check.stdout], [0, ""], check.stderr);
  await using registry = await startStowage({
    folder: await temp.folder("restored"),
    config: { storage },
  });
  for (const [number, image] of kept.entries()) {
    const repository = { url: registry.url, name: `team/app-${number}` };
    await verifyImage(repository, { image, reference: "kept" });
    await pullManifest(repository, "moved");
  }
}
