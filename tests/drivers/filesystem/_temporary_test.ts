import { assertEquals } from "@std/assert";
import { FilesystemDriver } from "../../../src/drivers/filesystem/driver.ts";
import {
  isTemporary,
  sweepTemporaries,
  temporaryBeside,
} from "../../../src/drivers/filesystem/_temporary.ts";
import { isPathNotFound } from "../../../src/drivers/driver.ts";
import { TempFolder } from "../../support/temp.ts";

const OLD_SECONDS = 1_000_000;

/** A file with a time of its own. */
async function writeAged(path: string, seconds: number): Promise<void> {
  await Deno.writeTextFile(path, "left");
  await Deno.utime(path, seconds, seconds);
}

Deno.test("temporaryBeside makes names in the same folder that isTemporary knows", () => {
  const path = temporaryBeside("/a/b/link");
  assertEquals([path.startsWith("/a/b/."), isTemporary(path.slice("/a/b/".length))], [true, true]);
  assertEquals([".hidden.tmp", "link", "x.tmp"].filter(isTemporary), []);
});

Deno.test("sweepTemporaries removes what is old and temporary, wherever it is, and nothing else", async () => {
  await using temp = await TempFolder.make();
  const deep = await temp.folder("a", "b", "c");
  await writeAged(temporaryBeside(`${deep}/link`), OLD_SECONDS);
  await writeAged(temporaryBeside(`${temp.path}/link`), OLD_SECONDS);
  await writeAged(temporaryBeside(`${deep}/link`), OLD_SECONDS + 10);
  await writeAged(`${deep}/data`, OLD_SECONDS);
  await writeAged(`${deep}/.mine.tmp`, OLD_SECONDS);
  assertEquals(await sweepTemporaries(temp.path, { startedBeforeMs: (OLD_SECONDS + 5) * 1000 }), 2);
  const names = [...Deno.readDirSync(deep)].map(({ name }) => name).filter((n) => !isTemporary(n));
  assertEquals(names.sort(), [".mine.tmp", "data"]);
  assertEquals(
    await sweepTemporaries(temp.path, { startedBeforeMs: (OLD_SECONDS + 15) * 1000 }),
    1,
  );
  assertEquals(await sweepTemporaries(`${temp.path}/missing`, { startedBeforeMs: Date.now() }), 0);
});

Deno.test("FilesystemDriver.sweep removes what a process that was killed has left", async () => {
  await using temp = await TempFolder.make();
  const driver = new FilesystemDriver({ rootDirectory: temp.path });
  await driver.putContent("/a/link", new Uint8Array(3));
  await writeAged(temporaryBeside(`${temp.path}/a/link`), OLD_SECONDS);
  assertEquals(await driver.sweep("/", { startedBeforeMs: Date.now() - 1000 }), 1);
  assertEquals([...Deno.readDirSync(`${temp.path}/a`)].map(({ name }) => name), ["link"]);
  assertEquals(await driver.stat("/a/x").catch(isPathNotFound), true);
});

Deno.test("sweepTemporaries waits between folders, and ends when it is told to", async () => {
  await using temp = await TempFolder.make();
  for (const name of ["a", "b", "c"]) {
    await writeAged(temporaryBeside(`${await temp.folder(name)}/link`), OLD_SECONDS);
  }
  const stop = new AbortController();
  let waits = 0;
  const pace = async () => {
    await Promise.resolve();
    if (++waits === 3) stop.abort();
  };
  const options = { startedBeforeMs: Date.now(), signal: stop.signal, pace };
  assertEquals([await sweepTemporaries(temp.path, options), waits], [2, 3]);
});
