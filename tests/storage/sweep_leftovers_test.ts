import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { FilesystemDriver } from "../../src/drivers/filesystem/driver.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { ROOT } from "../../src/storage/paths.ts";
import { sweepLeftovers } from "../../src/storage/sweep_leftovers.ts";
import { TempFolder } from "../support/temp.ts";
import { messages, recordLog } from "./_doubles.ts";

const LEFTOVER = ".00000000-0000-4000-8000-000000000000.tmp";

Deno.test("sweepLeftovers removes what dead writers left, and says how much", async () => {
  await using temp = await TempFolder.make();
  const driver = new FilesystemDriver({ rootDirectory: temp.path });
  const { log, records } = recordLog();
  await driver.putContent(`${ROOT}/kept/link`, toBytes("link"));
  const folder = `${temp.path}${ROOT}/kept`;
  await Deno.writeTextFile(`${folder}/${LEFTOVER}`, "half");
  const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

  await sweepLeftovers(driver, { log, startedBeforeMs: 0 });
  assertEquals([names(), messages(records)], [[LEFTOVER, "link"], []]);

  await sweepLeftovers(driver, { log, startedBeforeMs: Date.now() + 60_000 });
  assertEquals(names(), ["link"]);
  assertEquals(messages(records), ["info: removed what unfinished writes had left"]);
});

Deno.test("sweepLeftovers leaves the unfinished uploads of a remote storage to purging", async () => {
  class Remote extends InMemoryDriver {
    readonly isRemote = true;
    sweep(): Promise<number> {
      throw new Error("swept");
    }
  }
  const { log, records } = recordLog();
  await sweepLeftovers(new Remote(), { log, startedBeforeMs: Infinity });
  assertEquals(messages(records), []);
});
