import { existsSync } from "node:fs";
import { assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import { FilesystemDriver } from "../../src/drivers/filesystem/driver.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import {
  layerLinkPath,
  REPOSITORIES,
  revisionLinkPath,
  uploadDataPath,
  uploadPath,
  uploadStartedAtPath,
} from "../../src/storage/paths.ts";
import { type PurgeOptions, purgeUploads } from "../../src/storage/purge_uploads.ts";
import { newUploadId } from "../../src/storage/upload_ids.ts";
import { TempFolder } from "../support/temp.ts";
import { DriverDouble, filesOf, messages, recordLog, SILENT } from "./_doubles.ts";

const NOW_MS = Date.UTC(2026, 0, 10);
const DAY_MS = 86_400_000;

/** Puts an upload that began so many days ago, in the form that Distribution writes. */
async function putUpload(
  driver: DriverDouble,
  { repository = "foo", id, days }: { repository?: string; id: string; days: number },
): Promise<void> {
  const startedAt = new Date(NOW_MS - days * DAY_MS).toISOString().replace(".000Z", "Z");
  await driver.putContent(uploadStartedAtPath(repository, id), toBytes(startedAt));
  await driver.putContent(uploadDataPath(repository, id), toBytes("some bytes"));
}

/** Removes what is older than a week. */
function purge(driver: DriverDouble, options: Partial<PurgeOptions> = {}) {
  return purgeUploads(driver, {
    log: SILENT,
    startedBeforeMs: NOW_MS - 7 * DAY_MS,
    dryRun: false,
    signal: new AbortController().signal,
    ...options,
  });
}

async function uploadsLeft(driver: DriverDouble): Promise<string[]> {
  const paths = Object.keys(await filesOf(driver));
  const ids = paths.map((path) => /([^/]+\/_uploads\/[^/]+)\//.exec(path)?.[1]);
  return [...new Set(ids.filter((id) => id !== undefined))].sort();
}

Deno.test("purgeUploads of a storage that holds nothing does nothing", async () => {
  assertEquals(await purge(new DriverDouble()), { purged: 0, failed: 0 });
});

Deno.test("purgeUploads removes uploads that began before a time, and no others", async () => {
  const cases = [
    {
      days: [1, 2, 6, 7],
      left: ["foo/_uploads/1", "foo/_uploads/2", "foo/_uploads/6", "foo/_uploads/7"],
    },
    { days: [8, 9], left: [] },
    { days: [1, 8, 30], left: ["foo/_uploads/1"] },
  ];
  for (const { days, left } of cases) {
    const driver = new DriverDouble();
    for (const day of days) await putUpload(driver, { id: String(day), days: day });

    const result = await purge(driver);

    assertEquals(result, { purged: days.length - left.length, failed: 0 });
    assertEquals(await uploadsLeft(driver), left);
  }
});

Deno.test("purgeUploads knows by its id when an upload began that says it nowhere else", async () => {
  const driver = new DriverDouble();
  const ids = [6, 8].map((days) => newUploadId(NOW_MS - days * DAY_MS));
  for (const id of [...ids, "unknown"]) {
    await driver.putContent(uploadDataPath("foo", id), toBytes("some bytes"));
  }

  assertEquals(await purge(driver), { purged: 1, failed: 0 });
  assertEquals(await uploadsLeft(driver), [`foo/_uploads/${ids[0]}`, "foo/_uploads/unknown"]);
});

Deno.test("purgeUploads goes through all repositories, and those inside others", async () => {
  const driver = new DriverDouble();
  for (const repository of ["a", "a/b", "a/b/c", "z.example.org/d"]) {
    await putUpload(driver, { repository, id: "old", days: 8 });
  }

  assertEquals(await purge(driver), { purged: 4, failed: 0 });
  assertEquals(await filesOf(driver), {});
});

Deno.test("purgeUploads touches nothing but uploads, whatever looks like one", async () => {
  const driver = new DriverDouble();
  const old = toBytes("2001-01-01T00:00:00Z");
  const paths = [
    layerLinkPath("foo", EMPTY_DIGEST),
    revisionLinkPath("foo", EMPTY_DIGEST),
    `${REPOSITORIES}/foo/_layers/_uploads/id/startedat`,
    `${REPOSITORIES}/foo/_other/_uploads/id/startedat`,
    `${REPOSITORIES}/foo/startedat`,
    `${REPOSITORIES}/foo/_uploads/startedat`,
    "/elsewhere/_uploads/id/startedat",
  ];
  for (const path of paths) await driver.putContent(path, old);

  assertEquals(await purge(driver), { purged: 0, failed: 0 });
  assertEquals(Object.keys(await filesOf(driver)).sort(), paths.toSorted());
});

Deno.test("purgeUploads looks for uploads in no other folder, and does not look into them", async () => {
  const driver = new DriverDouble();
  await putUpload(driver, { id: "new", days: 1 });
  await driver.putContent(`${uploadPath("foo", "new")}/hashstates/sha256/0`, toBytes("x"));
  await driver.putContent(revisionLinkPath("foo", EMPTY_DIGEST), toBytes(EMPTY_DIGEST));
  driver.calls.length = 0;

  await purge(driver);

  const listed = driver.calls.filter(({ method }) => method === "list").map(({ path }) => path);
  assertEquals(listed, ["", "/foo", "/foo/_uploads"].map((path) => REPOSITORIES + path));
});

Deno.test("purgeUploads takes hash states and all else of an upload along", async () => {
  const driver = new DriverDouble();
  await putUpload(driver, { id: "old", days: 8 });
  await driver.putContent(`${uploadPath("foo", "old")}/hashstates/sha256/0`, toBytes("x"));

  assertEquals(await purge(driver), { purged: 1, failed: 0 });
  assertEquals(await filesOf(driver), {});
});

Deno.test("purgeUploads keeps uploads of which it is not known when they began", async () => {
  const driver = new DriverDouble();
  await driver.putContent(uploadDataPath("foo", "missing"), toBytes("x"));
  await driver.putContent(uploadStartedAtPath("foo", "empty"), toBytes(""));
  await driver.putContent(uploadStartedAtPath("foo", "odd"), toBytes("yesterday"));
  await driver.putContent(`${uploadStartedAtPath("foo", "folder")}/x`, toBytes("x"));
  await putUpload(driver, { id: "old", days: 8 });

  assertEquals(await purge(driver), { purged: 1, failed: 0 });
  assertEquals(await uploadsLeft(driver), [
    "foo/_uploads/empty",
    "foo/_uploads/folder",
    "foo/_uploads/missing",
    "foo/_uploads/odd",
  ]);
});

Deno.test("purgeUploads removes an old folder that a killed registry left empty", async () => {
  await using temp = await TempFolder.make();
  const driver = new FilesystemDriver({ rootDirectory: temp.path });
  const folders = ["a", "b"].map((id) => temp.join(uploadPath("foo", id).slice(1)));
  for (const folder of folders) await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folders[1]}/data`, "some bytes");
  const options = { log: SILENT, dryRun: false, signal: new AbortController().signal };

  await purgeUploads(driver, { ...options, startedBeforeMs: Date.now() - DAY_MS });
  assertEquals(folders.map((folder) => existsSync(folder)), [true, true]);
  await purgeUploads(driver, { ...options, startedBeforeMs: Date.now() + DAY_MS });
  assertEquals(folders.map((folder) => existsSync(folder)), [false, true]);
});

Deno.test("purgeUploads only tells in a dry run", async () => {
  const driver = new DriverDouble();
  const { log, records } = recordLog();
  await putUpload(driver, { id: "old", days: 8 });

  assertEquals(await purge(driver, { dryRun: true, log }), { purged: 1, failed: 0 });

  assertEquals(await uploadsLeft(driver), ["foo/_uploads/old"]);
  assertEquals(messages(records), ["info: would purge upload"]);
  assertEquals(records[0]?.properties, {
    path: uploadPath("foo", "old"),
    startedat: "2026-01-02T00:00:00.000Z",
  });
});

Deno.test("purgeUploads goes on after an upload that fails, and tells which it was", async () => {
  const driver = new DriverDouble();
  const { log, records } = recordLog();
  for (const id of ["1", "2", "3", "4"]) await putUpload(driver, { id, days: 8 });
  driver.before = ({ method, path }) => {
    const fails = (method === "getContent" && path === uploadStartedAtPath("foo", "2")) ||
      (method === "delete" && path === uploadPath("foo", "3"));
    if (fails) throw new DriverError("unavailable", { driver: "double", path, cause: "busy" });
  };

  assertEquals(await purge(driver, { log }), { purged: 2, failed: 2 });

  driver.before = () => {};
  assertEquals(await uploadsLeft(driver), ["foo/_uploads/2", "foo/_uploads/3"]);
  const failures = records.filter(({ level }) => level === "error");
  assertEquals(failures.map(({ properties }) => properties.path), [
    uploadPath("foo", "2"),
    uploadPath("foo", "3"),
  ]);
});

Deno.test("purgeUploads goes on behind a folder that cannot be read, and tells which it was", async () => {
  const driver = new DriverDouble();
  const { log, records } = recordLog();
  for (const repository of ["a", "b/bad", "b/good", "c"]) {
    await putUpload(driver, { repository, id: "old", days: 8 });
  }
  const walk = driver.walk.bind(driver);
  driver.walk = (path, { enter = () => true, ...options } = {}) =>
    walk(path, {
      ...options,
      enter(folder) {
        const isEntered = enter(folder);
        if (isEntered && folder.path.endsWith("/bad")) throw new Error("no permission");
        return isEntered;
      },
    });

  assertEquals(await purge(driver, { log }), { purged: 3, failed: 1 });

  driver.walk = walk;
  assertEquals(await uploadsLeft(driver), ["bad/_uploads/old"]);
  const failures = records.filter(({ level }) => level === "error");
  assertEquals(failures.map(({ rawMessage, properties }) => [rawMessage, properties.path]), [
    ["could not look for uploads", `${REPOSITORIES}/b/bad`],
  ]);
});

Deno.test("purgeUploads does not mind an upload that ends meanwhile", async () => {
  const driver = new DriverDouble();
  await putUpload(driver, { id: "old", days: 8 });
  driver.before = async ({ method, path }) => {
    if (method !== "delete") return;
    driver.before = () => {};
    await driver.delete(path);
  };

  assertEquals(await purge(driver), { purged: 1, failed: 0 });
});

Deno.test("purgeUploads ends between two uploads when it is told to", async () => {
  const driver = new DriverDouble();
  const controller = new AbortController();
  for (const id of ["1", "2", "3"]) await putUpload(driver, { id, days: 8 });
  driver.before = ({ method }) => {
    if (method === "delete") controller.abort();
  };

  assertEquals(await purge(driver, { signal: controller.signal }), { purged: 1, failed: 0 });
  assertEquals(await uploadsLeft(driver), ["foo/_uploads/2", "foo/_uploads/3"]);
});

Deno.test("purgeUploads fails where the storage cannot be walked", async () => {
  const driver = new DriverDouble();
  driver.before = () => {
    throw new DriverError("unavailable", { driver: "double", cause: "no network" });
  };

  await assertRejects(() => purge(driver), DriverError, "no network");
});
