import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { applyChanges, DriverError } from "../../src/drivers/driver.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { readManifest } from "../../src/oci/manifest.ts";
import { OCI_IMAGE_CONFIG, OCI_INDEX, OCI_MANIFEST } from "../../src/oci/media_types.ts";
import { BlobFiles } from "../../src/storage/blob_files.ts";
import { Links } from "../../src/storage/links.ts";
import {
  blobDataPath,
  referrerPath,
  referrersIndexedPath,
  repositoryPath,
  revisionLinkPath,
} from "../../src/storage/paths.ts";
import { ReferrerIndex } from "../../src/storage/referrer_store.ts";
import type { ReferrersRequest } from "../../src/storage/store.ts";
import { DriverDouble, FakeClock, messages, noSpace, recordLog, SILENT } from "./_doubles.ts";

const SUBJECT = digestBytes(toBytes("subject"));
const HOUR_MS = 3_600_000;

/** A registry's storage, and time that passes for all who use it. */
interface Scene {
  readonly clock: FakeClock;
  readonly driver: DriverDouble;
  /** An index as a new process has it. */
  readonly open: (log?: typeof SILENT) => ReferrerIndex;
}

function scene(): Scene {
  const clock = new FakeClock();
  const driver = new DriverDouble(guardDriver(new InMemoryDriver({ clock })));
  const open = (log = SILENT) =>
    new ReferrerIndex({
      driver,
      files: new BlobFiles(driver, log),
      revisions: new Links(driver, revisionLinkPath, log),
      clock,
      log,
    });
  return { clock, driver, open };
}

/** A manifest that refers to {@linkcode SUBJECT}, unless `fields` says otherwise. */
function manifestOf(
  note: string,
  fields: Readonly<Record<string, unknown>> = {},
): Uint8Array<ArrayBuffer> {
  const config = { mediaType: OCI_IMAGE_CONFIG, digest: SUBJECT, size: 7 };
  const subject = { mediaType: OCI_MANIFEST, digest: SUBJECT, size: 7 };
  return toBytes(
    JSON.stringify({ schemaVersion: 2, config, layers: [], subject, note, ...fields }),
  );
}

/** Puts a manifest into the tree as another program does, with no word to any index. */
async function place(
  { driver }: Scene,
  bytes: Uint8Array,
  repository = "foo",
): Promise<Digest> {
  const digest = digestBytes(bytes);
  await driver.putContent(blobDataPath(digest), bytes);
  await driver.putContent(revisionLinkPath(repository, digest), toBytes(digest));
  return digest;
}

/** Pushes a manifest through an index, by its sha256 or by an alias. */
async function push(
  { driver }: Scene,
  index: ReferrerIndex,
  { bytes, algorithm = "sha256" }: {
    bytes: Uint8Array<ArrayBuffer>;
    algorithm?: "sha256" | "sha512";
  },
): Promise<Digest> {
  const canonical = digestBytes(bytes);
  const digest = digestBytes(bytes, algorithm);
  await driver.putContent(blobDataPath(canonical), bytes);
  await applyChanges(driver, index.toAdd("foo", { manifest: readManifest(bytes), digest, bytes }));
  await new Links(driver, revisionLinkPath, SILENT).add("foo", { canonical, digest });
  return digest;
}

async function listed(
  index: ReferrerIndex,
  request: ReferrersRequest = {},
  repository = "foo",
): Promise<Digest[]> {
  return (await index.list(repository, SUBJECT, request)).entries.map(({ digest }) => digest);
}

Deno.test("ReferrerIndex.list describes manifests as the specification wants it", async () => {
  const { open, ...rest } = scene();
  const index = open();
  const at = { open, ...rest };
  const annotations = { "org.example": "x" };
  const children = { config: undefined, layers: undefined, manifests: [], artifactType: "c/d" };
  const cases = [
    { bytes: manifestOf("a"), mediaType: OCI_MANIFEST, artifactType: OCI_IMAGE_CONFIG },
    {
      bytes: manifestOf("b", { artifactType: "a/b", annotations }),
      mediaType: OCI_MANIFEST,
      artifactType: "a/b",
      annotations,
    },
    { bytes: manifestOf("c", children), mediaType: OCI_INDEX, artifactType: "c/d" },
    { bytes: manifestOf("d", { ...children, artifactType: "" }), mediaType: OCI_INDEX },
  ];
  for (const { bytes } of cases) await push(at, index, { bytes });

  const { entries, more } = await index.list("foo", SUBJECT, {});

  const expected = cases.map(({ bytes, ...rest }) => ({
    ...rest,
    digest: digestBytes(bytes),
    size: bytes.byteLength,
  }));
  assertEquals(entries, expected.toSorted((a, b) => a.digest < b.digest ? -1 : 1));
  assertFalse(more);
});

Deno.test("ReferrerIndex.list is empty where nothing refers to a subject", async () => {
  const at = scene();
  await push(at, at.open(), { bytes: manifestOf("a") });

  assertEquals(await listed(at.open(), {}, "bar"), []);
  const other = digestBytes(toBytes("other"));
  assertEquals(await at.open().list("foo", other, {}), { entries: [], more: false });
});

Deno.test("ReferrerIndex.list cuts pages, and filters before it counts", async () => {
  const at = scene();
  const index = at.open();
  const all: Digest[] = [];
  for (const artifactType of ["a/a", "b/b", "a/a", "b/b", "a/a"]) {
    const bytes = manifestOf(`${all.length}`, { artifactType });
    all.push(await push(at, index, { bytes }));
  }
  const sorted = all.toSorted();
  const filtered = [all[0], all[2], all[4]].toSorted();
  const page = async (request: ReferrersRequest) => {
    const { entries, more } = await index.list("foo", SUBJECT, request);
    return [entries.map(({ digest }) => digest), more];
  };

  assertEquals(await page({ limit: 0 }), [[], true]);
  assertEquals(await page({ limit: 2 }), [sorted.slice(0, 2), true]);
  assertEquals(await page({ limit: 2, last: sorted[1] ?? "" }), [sorted.slice(2, 4), true]);
  assertEquals(await page({ limit: 2, last: sorted[3] ?? "" }), [sorted.slice(4), false]);
  assertEquals(await page({ last: "sha256:" }), [sorted, false]);
  assertEquals(await page({ last: "z" }), [[], false]);
  assertEquals(await page({ limit: 2, artifactType: "a/a" }), [filtered.slice(0, 2), true]);
  assertEquals(await page({ limit: 3, artifactType: "a/a" }), [filtered, false]);
  assertEquals(await page({ artifactType: "c/c" }), [[], false]);
});

Deno.test("ReferrerIndex.list counts an entry only while its manifest is linked", async () => {
  const at = scene();
  const index = at.open();
  const bytes = manifestOf("a");
  const digest = digestBytes(bytes);
  await at.driver.putContent(blobDataPath(digest), bytes);
  await applyChanges(
    at.driver,
    index.toAdd("foo", { manifest: readManifest(bytes), digest, bytes }),
  );
  assertEquals(await listed(index), []);

  await push(at, index, { bytes });
  assertEquals(await listed(index), [digest]);
  await at.driver.delete(revisionLinkPath("foo", digest));
  assertEquals(await listed(index), []);
  await push(at, index, { bytes });
  assertEquals(await listed(index), [digest]);
});

Deno.test("ReferrerIndex.list finds what is in an old tree", async () => {
  const at = scene();
  const digest = await place(at, manifestOf("a"));
  await place(at, manifestOf("no referrer", { subject: undefined }));

  assertEquals(await listed(at.open()), [digest]);
  assertEquals(
    (await at.driver.list(repositoryPath("foo"))).sort(),
    [`${repositoryPath("foo")}/_manifests`, `${repositoryPath("foo")}/_referrers`],
  );
});

Deno.test("ReferrerIndex.list is the same after its own files are gone", async () => {
  const at = scene();
  for (const note of ["a", "b", "c"]) await push(at, at.open(), { bytes: manifestOf(note) });
  const bytes = manifestOf("an alias");
  await push(at, at.open(), { bytes, algorithm: "sha512" });
  const before = await at.open().list("foo", SUBJECT, {});

  await at.driver.delete(`${repositoryPath("foo")}/_referrers`);

  assertEquals(before.entries.length, 4);
  assertEquals(await at.open().list("foo", SUBJECT, {}), before);
});

Deno.test("ReferrerIndex.list names a manifest once, by the digest that it was pushed by", async () => {
  const at = scene();
  const index = at.open();
  const digest = await push(at, index, { bytes: manifestOf("a"), algorithm: "sha512" });

  assertEquals(await listed(index), [digest]);
  assertEquals(await listed(index), [digest]);
  assertEquals(await listed(at.open()), [digest]);
});

Deno.test("ReferrerIndex.list finds what another program puts into the tree meanwhile", async () => {
  const at = scene();
  const index = at.open();
  const first = await place(at, manifestOf("a"));
  assertEquals(await listed(index), [first]);
  const second = await place(at, manifestOf("b"));

  assertEquals(await listed(index), [first, second].toSorted());
});

/** Makes the folders of a tree in memory dated as a file system does. */
function dateFolders({ clock, driver }: Scene): void {
  const changedAtMs = new Map<string, number>();
  const { stat } = driver;
  driver.before = ({ method, path }) => {
    if (method === "putContent") changedAtMs.set(path.replace(/\/[^/]+\/link$/, ""), clock.now());
  };
  driver.stat = async (path) => {
    const info = await stat.call(driver, path);
    return { ...info, modifiedAtMs: changedAtMs.get(path) ?? info.modifiedAtMs };
  };
}

Deno.test("ReferrerIndex.list lists the manifests anew only after a change", async () => {
  const at = scene();
  dateFolders(at);
  const index = at.open();
  const first = await place(at, manifestOf("a"));
  at.clock.advance(HOUR_MS);
  await listed(index);
  const folder = revisionLinkPath("foo", first).split("/").slice(0, -2).join("/");
  const relists = async () => {
    at.driver.calls.length = 0;
    const found = await listed(index);
    return { found, relisted: at.driver.called("list", folder) };
  };

  assertEquals(await relists(), { found: [first], relisted: false });
  const second = await place(at, manifestOf("b"));
  at.clock.advance(HOUR_MS);
  const both = [first, second].toSorted();
  assertEquals(await relists(), { found: both, relisted: true });
  assertEquals(await relists(), { found: both, relisted: false });
});

Deno.test("ReferrerIndex.list does not trust the date of a folder that has just changed", async () => {
  const at = scene();
  dateFolders(at);
  const index = at.open();
  const first = await place(at, manifestOf("a"));
  assertEquals(await listed(index), [first]);

  // Within one tick of the file system's clock, so that the date of the folder stays the same.
  const second = await place(at, manifestOf("b"));
  assertEquals(await listed(index), [first, second].toSorted());
});

Deno.test("ReferrerIndex.list of a new process reads only what may have come since the last look", async () => {
  const at = scene();
  const old = await place(at, manifestOf("old"));
  at.clock.advance(30 * HOUR_MS);
  await listed(at.open());
  const recent = await place(at, manifestOf("recent"));
  at.clock.advance(30 * HOUR_MS);
  at.driver.calls.length = 0;

  assertEquals(await listed(at.open()), [old, recent].toSorted());

  assertFalse(at.driver.called("getContent", blobDataPath(old)));
  assert(at.driver.called("getContent", blobDataPath(recent)));
});

Deno.test("ReferrerIndex.list reads everything where it cannot tell when it last looked", async () => {
  for (const text of ["", "yesterday"]) {
    const at = scene();
    const digest = await place(at, manifestOf("a"));
    at.clock.advance(48 * HOUR_MS);
    await at.driver.putContent(referrersIndexedPath("foo"), toBytes(text));
    assertEquals(await listed(at.open()), [digest]);
  }
});

Deno.test("ReferrerIndex.list reads everything where the driver does not date files", async () => {
  const at = scene();
  const { stat } = at.driver;
  at.driver.stat = async (path) => ({ ...await stat.call(at.driver, path), modifiedAtMs: 0 });
  const index = at.open();
  await place(at, manifestOf("a"));
  await listed(index);
  at.clock.advance(1000 * HOUR_MS);
  await place(at, manifestOf("b"));

  assertEquals((await listed(index)).length, 2);
  assertEquals((await listed(at.open())).length, 2);
});

Deno.test("ReferrerIndex.list leaves out what cannot be read, and tells the operator", async () => {
  const at = scene();
  const { log, records } = recordLog();
  await place(at, toBytes("no manifest"));
  const good = await place(at, manifestOf("good"));
  const gone = await place(at, manifestOf("gone"));
  await at.driver.delete(blobDataPath(gone));
  await at.driver.putContent(`${repositoryPath("foo")}/_manifests/revisions/sha256/x`, toBytes(""));

  assertEquals(await listed(at.open(log)), [good]);
  assertEquals(messages(records), ["warning: left out a manifest that cannot be read"]);
});

Deno.test("ReferrerIndex.list leaves out an entry that is damaged, and tells the operator", async () => {
  const at = scene();
  const index = at.open();
  const good = await push(at, index, { bytes: manifestOf("good") });
  const bad = await push(at, index, { bytes: manifestOf("bad") });
  for (const text of ["", "{", "[]", '{"digest":"sha256:00"}']) {
    const { log, records } = recordLog();
    await at.driver.putContent(referrerPath("foo", SUBJECT, bad), toBytes(text));

    assertEquals(await listed(at.open(log)), [good]);
    assertEquals(messages(records), ["warning: left out a damaged referrer"]);
  }
});

Deno.test("ReferrerIndex.list still answers where the storage takes nothing more", async () => {
  const at = scene();
  const { log, records } = recordLog();
  const digest = await push(at, at.open(), { bytes: manifestOf("a") });
  at.driver.before = ({ method, path }) => {
    if (method === "putContent") throw noSpace(path);
  };

  assertEquals(await listed(at.open(log)), [digest]);
  assertEquals(messages(records), ["warning: could not note when the referrers were indexed"]);

  at.driver.before = () => {};
  await place(at, manifestOf("b"));
  at.driver.before = ({ method, path }) => {
    if (method === "putContent") throw noSpace(path);
  };
  // This one cannot be entered: half an answer would be worse than none.
  await assertRejects(() => listed(at.open()), DriverError, "no space");
});

Deno.test("ReferrerIndex.list forgets nothing when a look fails half-way", async () => {
  const at = scene();
  const index = at.open();
  const digests = [];
  for (const note of ["a", "b", "c"]) digests.push(await place(at, manifestOf(note)));
  let left = 2;
  at.driver.before = ({ method, path }) => {
    const fails = method === "getContent" && path.startsWith("/docker/registry/v2/blobs/");
    if (fails && left-- === 0) {
      throw new DriverError("unavailable", { driver: "double", path, cause: "busy" });
    }
  };

  await assertRejects(() => listed(index), DriverError, "busy");

  assertEquals(await listed(index), digests.toSorted());
});

Deno.test("ReferrerIndex.list looks once for all who ask at the same time", async () => {
  const at = scene();
  const index = at.open();
  const digest = await place(at, manifestOf("a"));
  at.driver.calls.length = 0;

  const answers = await Promise.all([listed(index), listed(index), listed(index)]);

  assertEquals(answers, [[digest], [digest], [digest]]);
  const reads = at.driver.calls.filter(({ path }) => path === blobDataPath(digest));
  assertEquals(reads.length, 1);
});
