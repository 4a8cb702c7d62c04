import { assertEquals, assertRejects } from "@std/assert";
import { FolderSyncs } from "../../../src/drivers/filesystem/_folder_syncs.ts";

/** Lets everything run that can run without the outside world. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Syncs that end when they are told to, each with the folder it is of. */
function makeDisk() {
  const begun: { folder: string; end: () => void; fail: (error: Error) => void }[] = [];
  function sync(folder: string): Promise<void> {
    const { promise, resolve: end, reject: fail } = Promise.withResolvers<void>();
    begun.push({ folder, end, fail });
    return promise;
  }
  const folders = () => begun.map(({ folder }) => folder);
  return { begun, folders, syncs: new FolderSyncs(sync) };
}

const skipped = { ignore: Deno.build.os === "windows" };

Deno.test("FolderSyncs begins one sync for all who came while another ran", skipped, async () => {
  const { begun, folders, syncs } = makeDisk();
  const over: string[] = [];
  const first = syncs.sync(["a"]).then(() => over.push("first"));
  const others = ["second", "third"].map((name) => syncs.sync(["a"]).then(() => over.push(name)));
  await settle();
  assertEquals(folders(), ["a"]);
  begun[0]?.end();
  await first;
  await settle();
  // What they wrote may have come too late for the first sync: they wait for the next.
  assertEquals({ folders: folders(), over }, { folders: ["a", "a"], over: ["first"] });
  begun[1]?.end();
  await Promise.all(others);
  assertEquals(over, ["first", "second", "third"]);
});

Deno.test(
  "FolderSyncs lets who comes while the next sync runs wait for one more",
  skipped,
  async () => {
    const { begun, folders, syncs } = makeDisk();
    const runs = [syncs.sync(["a"]), syncs.sync(["a"])];
    begun[0]?.end();
    await settle();
    runs.push(syncs.sync(["a"]));
    begun[1]?.end();
    await settle();
    assertEquals(folders(), ["a", "a", "a"]);
    begun[2]?.end();
    await Promise.all(runs);
    const late = syncs.sync(["a"]);
    assertEquals(folders().length, 4);
    begun[3]?.end();
    await late;
  },
);

Deno.test("FolderSyncs syncs different folders side by side", skipped, async () => {
  const { begun, folders, syncs } = makeDisk();
  const run = syncs.sync(["a", "b"]);
  assertEquals(folders(), ["a", "b"]);
  for (const { end } of begun) end();
  await run;
});

Deno.test(
  "FolderSyncs tells those who waited for it of a failure, and nobody else",
  skipped,
  async () => {
    const { begun, syncs } = makeDisk();
    const first = syncs.sync(["a"]);
    const second = syncs.sync(["a"]);
    begun[0]?.fail(new Error("the disk is gone"));
    await assertRejects(() => first, Error, "the disk is gone");
    await settle();
    begun[1]?.end();
    await second;
  },
);

Deno.test("FolderSyncs passes over a folder that is gone", async () => {
  await new FolderSyncs().sync(["/no/such/folder"]);
});
