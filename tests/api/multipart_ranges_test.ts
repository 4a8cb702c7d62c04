import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import type { ByteRange } from "../../src/api/byte_range.ts";
import { type MultipartOptions, multipartRanges } from "../../src/api/multipart_ranges.ts";
import { toText } from "../../src/base/bytes.ts";

const CONTENT = Uint8Array.from({ length: 1_000 }, (_, index) => (index * 7) % 251);
const BOUNDARY = "d9f3a1c07b24";

/** Gives parts of the content in pieces, and notes what happens to them. */
class Opener {
  readonly opened: ByteRange[] = [];
  readonly cancelled: ByteRange[] = [];
  /** Parts that are open now, and the most that ever were. */
  now = 0;
  most = 0;

  open = (range: ByteRange): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> => {
    this.opened.push(range);
    this.now += 1;
    this.most = Math.max(this.most, this.now);
    let position = range.offset;
    const end = range.offset + range.length;
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        if (position === end) {
          this.now -= 1;
          return controller.close();
        }
        controller.enqueue(CONTENT.slice(position, position = Math.min(position + 64, end)));
      },
      cancel: () => {
        this.now -= 1;
        this.cancelled.push(range);
      },
    }, { highWaterMark: 0 });
    return Promise.resolve(stream);
  };
}

function make(ranges: readonly ByteRange[], options: Partial<MultipartOptions> = {}) {
  const opener = new Opener();
  const made = multipartRanges({
    ranges,
    sizeBytes: CONTENT.length,
    contentType: "application/octet-stream",
    boundary: BOUNDARY,
    open: opener.open,
    ...options,
  });
  return { ...made, opener };
}

async function readAll(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}

const TWO = [{ offset: 10, length: 200 }, { offset: 0, length: 1 }];

Deno.test("multipartRanges writes parts as RFC 9110 does", async () => {
  const part = { offset: 997, length: 3 };
  const open = () => Promise.resolve(new TextEncoder().encode("xyz"));
  const { contentType, contentLengthBytes, body } = make([part, part], { open });
  assertEquals(contentType, "multipart/byteranges; boundary=d9f3a1c07b24");
  const expected = [
    "--d9f3a1c07b24",
    "Content-Range: bytes 997-999/1000",
    "Content-Type: application/octet-stream",
    "",
    "xyz",
    "--d9f3a1c07b24",
    "Content-Range: bytes 997-999/1000",
    "Content-Type: application/octet-stream",
    "",
    "xyz",
    "--d9f3a1c07b24--",
    "",
  ];
  const bytes = await readAll(body);
  assertEquals(toText(bytes).split("\r\n"), expected);
  assertEquals(bytes.byteLength, contentLengthBytes);
});

/** Takes a body apart as a client does, by its boundary and headers alone. */
function takeApart(bytes: Uint8Array): readonly { range: string; content: Uint8Array }[] {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const [preamble, ...sections] = text.split(`--${BOUNDARY}`);
  assertEquals([preamble, sections.pop()], ["", "--\r\n"]);
  return sections.map((section) => {
    const blank = section.indexOf("\r\n\r\n");
    const content = section.slice(blank + 4, -2);
    const [, range = ""] = /^Content-Range: (.*)$/m.exec(section.slice(0, blank)) ?? [];
    return { range, content: Uint8Array.from(content, (letter) => letter.charCodeAt(0)) };
  });
}

Deno.test("multipartRanges sends what was asked for, as long as announced", async () => {
  const range = fc.tuple(fc.nat({ max: 999 }), fc.integer({ min: 1, max: 300 }))
    .map(([offset, length]) => ({ offset, length: Math.min(length, CONTENT.length - offset) }));
  const ranges = fc.array(range, { minLength: 1, maxLength: 6 });
  await fc.assert(fc.asyncProperty(ranges, async (ranges) => {
    const { body, contentLengthBytes, opener } = make(ranges);
    const bytes = await readAll(body);
    assertEquals(bytes.byteLength, contentLengthBytes);
    const expected = ranges.map(({ offset, length }) => ({
      range: `bytes ${offset}-${offset + length - 1}/1000`,
      content: CONTENT.slice(offset, offset + length),
    }));
    assertEquals(takeApart(bytes), expected);
    assertEquals([opener.opened, opener.now, opener.most], [ranges, 0, 1]);
  }));
});

Deno.test("multipartRanges sends 1,024 parts", async () => {
  const ranges = Array.from({ length: 1_024 }, (_, index) => ({ offset: index % 999, length: 1 }));
  const { body, contentLengthBytes, opener } = make(ranges);
  assertEquals((await readAll(body)).byteLength, contentLengthBytes);
  assertEquals(opener.most, 1);
});

Deno.test("multipartRanges opens nothing before it is read", async () => {
  const { body, opener } = make(TWO);
  await Promise.resolve();
  assertEquals(opener.opened, []);
  await body.cancel();
  assertEquals(opener.opened, []);
});

Deno.test("multipartRanges cancels the part that is being sent and opens no other", async () => {
  const { body, opener } = make(TWO);
  const reader = body.getReader();
  await reader.read();
  await reader.read();
  await reader.cancel("gone");
  assertEquals(opener.opened, TWO.slice(0, 1));
  assertEquals(opener.cancelled, TWO.slice(0, 1));
  assertEquals(opener.now, 0);
});

Deno.test("multipartRanges cancels a part that gives nothing", async () => {
  const asked = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<unknown>();
  const stuck = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: () => {
      asked.resolve();
      return new Promise(() => {});
    },
    cancel: cancelled.resolve,
  }, { highWaterMark: 0 });
  const { body } = make(TWO, { open: () => Promise.resolve(stuck) });
  const reader = body.getReader();
  await reader.read();
  const pending = reader.read();
  await asked.promise;
  await reader.cancel("gone");
  assertEquals(await cancelled.promise, "gone");
  assertEquals((await pending).done, true);
});

Deno.test("multipartRanges cancels a part that is opened too late", async () => {
  const asked = Promise.withResolvers<void>();
  const opening = Promise.withResolvers<ReadableStream<Uint8Array<ArrayBuffer>>>();
  const cancelled = Promise.withResolvers<unknown>();
  const open = () => {
    asked.resolve();
    return opening.promise;
  };
  const reader = make(TWO, { open }).body.getReader();
  await reader.read();
  const pending = reader.read();
  await asked.promise;
  await reader.cancel("gone");
  opening.resolve(new ReadableStream({ cancel: cancelled.resolve }));
  assertEquals(await cancelled.promise, "gone");
  assertEquals((await pending).done, true);
});

Deno.test("multipartRanges fails where a part cannot be opened", async () => {
  const { body } = make(TWO, { open: () => Promise.reject(new Error("no such blob")) });
  await assertRejects(() => readAll(body), Error, "no such blob");
});

Deno.test("multipartRanges fails where a part ends too early or too late", async () => {
  for (const [length, difference] of [[199, -1], [0, -200], [201, 1]] as const) {
    const open = () => Promise.resolve(CONTENT.slice(0, length));
    const { body, contentLengthBytes } = make(TWO, { open });
    assert(contentLengthBytes > 201);
    await assertRejects(() => readAll(body), Error, `differs by ${difference} bytes`);
  }
});

Deno.test("multipartRanges cancels a part that is too long", async () => {
  const opener = new Opener();
  const open = ({ offset, length }: ByteRange) => opener.open({ offset, length: length + 100 });
  await assertRejects(() => readAll(make(TWO, { open }).body));
  assertEquals([opener.opened.length, opener.cancelled.length, opener.now], [1, 1, 0]);
});
