import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { toBytes, toText } from "../../src/base/bytes.ts";
import { applyChanges, type FileWriter } from "../../src/drivers/driver.ts";
import { randomBytes } from "../support/random_bytes.ts";
import {
  append,
  assertFails,
  type DriverCase,
  publish,
  putPaths,
  readAll,
  textAt,
} from "./storage_driver_case.ts";

/** Pieces of an upload: none, tiny ones, and some around what a driver may send at a time. */
const PIECE_SIZES = [0, 1, 32, 65_536, 1, 5 * 1024 * 1024, 0, 1_048_577, 3];

const ENDS = ["close", "commit", "cancel"] as const;

/** Every call of a writer but the ones that ask. */
const CALLS: readonly ((writer: FileWriter) => Promise<void>)[] = [
  (writer) => writer.write(toBytes("more")),
  (writer) => writer.close(),
  (writer) => writer.commit(),
  (writer) => writer.cancel(),
];

/** Files that are written piece by piece, and the three ends of a writer. */
export const WRITER_CASES = {
  "writer.commit publishes what was written": async (driver) => {
    const writer = await driver.writer("/new/folder/file");
    assertEquals(writer.sizeBytes, 0);
    await writer.write(toBytes("one "));
    assertEquals(writer.sizeBytes, 4);
    await writer.write(toBytes("two"));
    await publish(writer);
    assertEquals(writer.sizeBytes, 7);
    assertEquals(await textAt(driver, "/new/folder/file"), "one two");
    assertEquals((await driver.stat("/new/folder/file")).sizeBytes, 7);
  },

  "writer.commit without a byte makes an empty file": async (driver) => {
    await publish(await driver.writer("/empty"));
    await append(driver, "/appended");
    assertEquals(await textAt(driver, "/empty"), "");
    assertEquals((await driver.stat("/appended")).sizeBytes, 0);
  },

  "writer copies what it is given": async (driver) => {
    const buffer = toBytes("kept");
    const writer = await driver.writer("/file");
    await writer.write(buffer);
    buffer.fill(0);
    await publish(writer);
    assertEquals(await textAt(driver, "/file"), "kept");
  },

  "writer with append continues behind a closed one": async (driver) => {
    const pieces = PIECE_SIZES.map((size, index) => randomBytes(`piece ${index}`, size));
    let sizeBytes = 0;
    for (const piece of pieces) {
      const writer = await driver.writer("/upload/data", { append: true });
      assertEquals(writer.sizeBytes, sizeBytes);
      await writer.write(piece);
      sizeBytes += piece.byteLength;
      assertEquals(writer.sizeBytes, sizeBytes);
      await writer.close();
    }
    const last = await driver.writer("/upload/data", { append: true });
    assertEquals(last.sizeBytes, sizeBytes);
    await publish(last);
    assertEquals((await driver.stat("/upload/data")).sizeBytes, sizeBytes);
    assert(Buffer.concat(pieces).equals(await readAll(driver, "/upload/data")));
  },

  "writer with append continues behind a committed one": async (driver) => {
    await append(driver, "/file", toBytes("one "));
    await append(driver, "/file", toBytes("two "), toBytes("three"));
    assertEquals(await textAt(driver, "/file"), "one two three");
  },

  "writer with append continues behind an empty file": async (driver) => {
    await (await driver.writer("/file")).close();
    await append(driver, "/file", toBytes("content"));
    assertEquals(await textAt(driver, "/file"), "content");
  },

  "writer of a file that must exist goes on with one that does": async (driver) => {
    await append(driver, "/upload/data", toBytes("one "));
    const writer = await driver.writer("/upload/data", { append: true, mustExist: true });
    assertEquals(writer.sizeBytes, 4);
    await writer.write(toBytes("two"));
    await publish(writer);
    assertEquals(await textAt(driver, "/upload/data"), "one two");
  },

  "writer of a file that must exist makes none where storage is local": async (driver) => {
    const options = { append: true, mustExist: true };
    if (driver.isRemote) return;
    await assertFails(driver.writer("/upload/data", options), "path_not_found");
    assertEquals(await driver.list("/"), []);
    // It is free for the next one.
    await append(driver, "/upload/data", toBytes("content"));
    assertEquals(await textAt(driver, "/upload/data"), "content");
  },

  "writer of a file that must exist does not wait for one that was moved": async (driver) => {
    if (driver.isRemote) return;
    const first = await driver.writer("/upload/data");
    await first.write(toBytes("content"));
    const second = driver.writer("/upload/data", { append: true, mustExist: true });
    await applyChanges(driver, [
      { path: "/blob/data", source: "/upload/data", writer: first, withFolder: true },
    ]);
    await first.close();
    await assertFails(second, "path_not_found");
    assertEquals(await textAt(driver, "/blob/data"), "content");
  },

  "writer without append starts anew": async (driver) => {
    await append(driver, "/file", randomBytes("long", 100_000));
    const writer = await driver.writer("/file");
    assertEquals(writer.sizeBytes, 0);
    await writer.write(toBytes("short"));
    await publish(writer);
    assertEquals(await textAt(driver, "/file"), "short");
  },

  "writer without append forgets what was closed": async (driver) => {
    const given = await driver.writer("/file");
    await given.write(toBytes("given up"));
    await given.close();
    const writer = await driver.writer("/file");
    await writer.write(toBytes("new"));
    await publish(writer);
    assertEquals(await textAt(driver, "/file"), "new");
  },

  "writer.cancel removes the file": async (driver) => {
    const writer = await driver.writer("/folder/file");
    await writer.write(toBytes("gone"));
    await writer.cancel();
    await assertFails(driver.stat("/folder/file"), "path_not_found");
    await append(driver, "/folder/file", toBytes("new"));
    assertEquals(await textAt(driver, "/folder/file"), "new");
  },

  "writer.cancel removes what earlier writers closed": async (driver) => {
    const first = await driver.writer("/file");
    await first.write(toBytes("earlier"));
    await first.close();
    await (await driver.writer("/file", { append: true })).cancel();
    await assertFails(driver.stat("/file"), "path_not_found");
    const next = await driver.writer("/file", { append: true });
    assertEquals(next.sizeBytes, 0);
    await next.cancel();
  },

  "writer lets go of what is committed when it is closed": async (driver) => {
    const writer = await driver.writer("/file");
    await writer.write(toBytes("content"));
    await writer.commit();
    await assertFails(writer.write(toBytes("more")), "writer_closed");
    await assertFails(writer.cancel(), "writer_closed");
    await writer.close();
    assertEquals(await textAt(driver, "/file"), "content");
  },

  "writer waits for the writer before it": async (driver) => {
    const first = await driver.writer("/folder/file");
    const second = driver.writer("/folder/file", { append: true });
    await first.write(toBytes("one "));
    await first.close();
    const writer = await second;
    assertEquals(writer.sizeBytes, 4);
    await writer.write(toBytes("two"));
    await publish(writer);
    assertEquals(await textAt(driver, "/folder/file"), "one two");
  },

  "writer that waited finds nothing where the file was published": async (driver) => {
    for (const options of [{ append: true }, {}]) {
      const first = await driver.writer("/upload");
      await first.write(toBytes("blob"));
      const second = driver.writer("/upload", options);
      await first.commit();
      await driver.move("/upload", "/published");
      await first.close();
      const writer = await second;
      assertEquals(writer.sizeBytes, 0);
      await writer.write(toBytes("other"));
      await writer.cancel();
      assertEquals(await textAt(driver, "/published"), "blob");
    }
  },

  "writer fails with writer_closed after each of its ends": async (driver) => {
    for (const end of ENDS) {
      const writer = await driver.writer(`/${end}`);
      await writer.write(toBytes("content"));
      await writer[end]();
      if (end === "commit") await writer.close();
      for (const call of CALLS) {
        const error = await assertFails(call(writer), "writer_closed");
        assertEquals(error.message, `${driver.name}: already closed: /${end}`);
      }
    }
    assertEquals(await textAt(driver, "/commit"), "content");
  },

  "writer's file can be moved to where it is published": async (driver) => {
    await putPaths(driver, "/blobs/data");
    await append(driver, "/uploads/data", toBytes("new "), toBytes("blob"));
    await driver.move("/uploads/data", "/blobs/data");
    assertEquals(toText(await readAll(driver, "/blobs/data")), "new blob");
    await assertFails(driver.stat("/uploads/data"), "path_not_found");
  },
} satisfies Record<string, DriverCase>;
