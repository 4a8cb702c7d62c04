import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { toBytes } from "../../src/base/bytes.ts";
import { randomBytes, randomDigest, randomStream } from "../support/random_bytes.ts";
import {
  assertFails,
  collect,
  type DriverCase,
  publish,
  putPaths,
  readAll,
} from "./storage_driver_case.ts";

const SIZE_BYTES = 1_500_000;
const OFFSETS = [0, 1, 65_535, 65_536, 1_000_000, SIZE_BYTES - 1, SIZE_BYTES, SIZE_BYTES + 1, 1e12];
const LENGTHS = [undefined, 0, 1, 65_536, 65_537, 524_288, 524_289, SIZE_BYTES, 1e12];
const INVALID_OFFSETS = [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 53];

/** Small files may be read at once, large ones piece by piece. */
const SMALL_AND_LARGE = [50, 3_000_000];

const LARGE_BYTES = 64 * 1024 * 1024;

/** Files read and written as streams. */
export const STREAM_CASES = {
  "reader gives the part that is asked for": async (driver) => {
    const content = randomBytes("part", SIZE_BYTES);
    await driver.putContent("/file", content);
    assertEquals(await readAll(driver, "/file"), content);
    for (const offset of OFFSETS) {
      for (const length of LENGTHS) {
        const part = await readAll(
          driver,
          "/file",
          length === undefined ? { offset } : { offset, length },
        );
        const expected = content.subarray(offset, offset + (length ?? SIZE_BYTES));
        // Comparing a million numbers one by one would take most of the time.
        assert(Buffer.from(part).equals(expected), `offset ${offset}, length ${length}`);
      }
    }
  },

  "reader gives nothing of an empty file": async (driver) => {
    await driver.putContent("/empty", new Uint8Array());
    assertEquals(await readAll(driver, "/empty"), new Uint8Array());
    assertEquals(await readAll(driver, "/empty", { offset: 5 }), new Uint8Array());
  },

  "reader fails with invalid_offset for what is no number of bytes": async (driver) => {
    await putPaths(driver, "/file");
    for (const value of INVALID_OFFSETS) {
      const error = await assertFails(driver.reader("/file", { offset: value }), "invalid_offset");
      assertEquals(error.message, `${driver.name}: invalid offset: ${value} for path: /file`);
      await assertFails(driver.reader("/file", { length: value }), "invalid_offset");
    }
  },

  "reader fails with path_not_found before it gives a stream": async (driver) => {
    await putPaths(driver, "/folder/file");
    for (const path of ["/missing", "/folder", "/folder/file/below"]) {
      await assertFails(driver.reader(path), "path_not_found");
      await assertFails(driver.reader(path, { offset: 1 }), "path_not_found");
    }
  },

  "reader gives what was there when it was opened": async (driver) => {
    for (const size of SMALL_AND_LARGE) {
      const content = randomBytes(`snapshot ${size}`, size);
      for (const name of ["replaced", "moved", "deleted", "overwritten"]) {
        await driver.putContent(`/${name}`, content);
      }
      const streams = await Promise.all(
        ["replaced", "moved", "deleted", "overwritten"].map((name) => driver.reader(`/${name}`)),
      );
      await driver.putContent("/replaced", toBytes("else"));
      await driver.move("/moved", "/elsewhere");
      await driver.delete("/deleted");
      await publish(await driver.writer("/overwritten"));
      for (const stream of streams) {
        assert(Buffer.from(await collect(stream)).equals(content));
      }
    }
  },

  "reader fills the buffers that its reader brings": async (driver) => {
    for (const size of SMALL_AND_LARGE) {
      const content = randomBytes(`buffers ${size}`, size);
      await driver.putContent("/file", content);
      const reader = (await driver.reader("/file")).getReader({ mode: "byob" });
      const parts: Uint8Array[] = [];
      for (;;) {
        const { value, done } = await reader.read(new Uint8Array(1_000_001), { min: 1_000_001 });
        if (value !== undefined) parts.push(value);
        if (done || value.byteLength < 1_000_001) break;
      }
      assert(Buffer.concat(parts).equals(content));
      assertEquals((await reader.read(new Uint8Array(1))).done, true);
    }
  },

  "reader may be cancelled at any time": async (driver) => {
    for (const size of SMALL_AND_LARGE) {
      await driver.putContent("/file", randomBytes("cancel", size));
      await (await driver.reader("/file")).cancel();
      const reader = (await driver.reader("/file")).getReader();
      await reader.read();
      await reader.cancel();
      const pending = (await driver.reader("/file")).getReader();
      const [first] = await Promise.all([pending.read(), pending.cancel()]);
      assert(first.done || first.value.byteLength > 0);
    }
  },

  "reader serves many streams of one file at once": async (driver) => {
    const content = randomBytes("shared", SIZE_BYTES);
    await driver.putContent("/file", content);
    await Promise.all(Array.from({ length: 32 }, async (_, index) => {
      const offset = index * 7919;
      const part = await readAll(driver, "/file", { offset });
      assert(Buffer.from(part).equals(content.subarray(offset)));
    }));
  },

  "writer and reader carry 64 MiB unchanged": async (driver) => {
    const writer = await driver.writer("/large/file");
    for await (const piece of randomStream("large", LARGE_BYTES)) await writer.write(piece);
    assertEquals(writer.sizeBytes, LARGE_BYTES);
    await publish(writer);
    const hash = createHash("sha256");
    for await (const piece of await driver.reader("/large/file")) hash.update(piece);
    assertEquals(`sha256:${hash.digest("hex")}`, randomDigest("large", LARGE_BYTES));
  },

  "writer and reader work on many files at once": async (driver) => {
    await Promise.all(Array.from({ length: 16 }, async (_, index) => {
      const seed = `file ${index}`;
      const writer = await driver.writer(`/parallel/${index}`);
      for await (const piece of randomStream(seed, SIZE_BYTES)) await writer.write(piece);
      await publish(writer);
      const content = await readAll(driver, `/parallel/${index}`);
      assert(Buffer.from(content).equals(randomBytes(seed, SIZE_BYTES)));
    }));
  },
} satisfies Record<string, DriverCase>;
