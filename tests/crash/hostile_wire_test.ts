import { assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { brokenBlobs, storedDigests } from "../support/blob_files.ts";
import { contentOf, type Image, makeImage } from "../support/images.ts";
import { randomBytes } from "../support/random_bytes.ts";
import {
  blobUrl,
  pullBlob,
  pushBlob,
  pushImage,
  type Repository,
  request,
  startUpload,
  verifyImage,
} from "../support/registry_client.ts";
import { type Registry, startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { statusesOf, Wire } from "../support/wire.ts";

/** What a test works with. */
interface Scene {
  readonly registry: Registry;
  readonly repository: Repository;
  readonly data: string;
}

const BLOB = contentOf("application/octet-stream", randomBytes("wire", 1000));

/** Registers a test after which the server runs, has closed all files, and everything is whole. */
function testOnWire(name: string, fn: (scene: Scene) => Promise<void>): void {
  testWith(["linux"], {
    name: `serve ${name}`,
    fn: async () => {
      await using temp = await TempFolder.make();
      await using registry = await startTestedRegistry({ folder: temp.path });
      const repository = { url: registry.url, name: "wire" };
      const kept: Image = await makeImage({ seed: "wire/kept" });
      await pushImage(repository, { image: kept, tag: "kept" });
      const data = temp.join("data");
      await fn({ registry, repository, data });
      await verifyImage(repository, { image: kept, reference: "kept" });
      assertEquals(await brokenBlobs(data), []);
      assertEquals(await openFiles(registry, data), []);
      assertEquals(registry.process.isRunning, true);
      assertEquals(/level=(error|fatal)|uncaught|panic/i.exec(registry.process.output), null);
    },
  });
}

/** Heads of requests that are none; `{path}` is a place where a blob of five bytes may be put. */
const MALFORMED: Readonly<Record<string, string>> = {
  "two lengths":
    "PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
  "a list of lengths": "PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 6\r\n\r\nhello",
  "a length below zero": "PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nhello",
  "a length with a sign": "PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
  "a length in hex": "PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello",
  "a length without end": `PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${
    "9".repeat(40)
  }\r\n\r\nhello`,
  "a chunk of no size":
    "PUT {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
  "a chunk of a size without end":
    "PUT {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n",
  "an unknown coding": "PUT {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chonked\r\n\r\nhello",
  "a header without a colon": "PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length 5\r\n\r\nhello",
  "a header with a NUL":
    "PUT {path} HTTP/1.1\r\nHost: x\r\nX-Y: a\0b\r\nContent-Length: 5\r\n\r\nhello",
  "an unknown version": "PUT {path} HTTP/9.9\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
  "no version": "PUT {path}\r\n\r\n",
  "no request": "\0\x01\x02\x03 hello\r\n\r\n",
  "a handshake of TLS": "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n",
  "a header of a megabyte": `PUT {path} HTTP/1.1\r\nHost: x\r\nX-Y: ${"y".repeat(1 << 20)}\r\n\r\n`,
  "20,000 headers": `PUT {path} HTTP/1.1\r\nHost: x\r\n${"X-Y: z\r\n".repeat(20_000)}\r\n`,
};

testOnWire("refuses what is no HTTP, and stores nothing of it", async (scene) => {
  const { registry, repository, data } = scene;
  const hello = contentOf("application/octet-stream", new TextEncoder().encode("hello"));
  for (const [what, head] of Object.entries(MALFORMED)) {
    const location = await startUpload(repository);
    location.searchParams.set("digest", hello.digest);
    using wire = await Wire.connect(registry.port);
    await wire.send(head.replace("{path}", location.pathname + location.search));
    await wire.end();
    const statuses = statusesOf(await wire.readAll());
    // Some are cut off without a word.
    assertEquals(statuses.filter((status) => status < 400 || status > 499), [], what);
    assertEquals((await storedDigests(data)).includes(hello.digest), false, what);
  }
});

testOnWire("takes as much of a body as was announced, and no more", async (scene) => {
  const { registry, repository, data } = scene;
  const [short, long] = ["hello", "hello and more"].map((text) =>
    contentOf("application/octet-stream", new TextEncoder().encode(text))
  );
  if (short === undefined || long === undefined) throw new Error("There are two");
  for (
    const [{ digest }, rest, expected] of [
      [long, " and more", [400]],
      [short, "GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [201, 200]],
    ] as const
  ) {
    const location = await startUpload(repository);
    location.searchParams.set("digest", digest);
    using wire = await Wire.connect(registry.port);
    const path = location.pathname + location.search;
    await wire.send(`PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello${rest}`);
    if (expected.length === 1) await wire.end();
    assertEquals(statusesOf(await wire.readAll()).slice(0, expected.length), [...expected]);
  }
  assertEquals((await storedDigests(data)).includes(long.digest), false);
  assertEquals(await pullBlob(repository, short.digest), short.bytes);
});

for (const coding of ["a length", "chunks"] as const) {
  const framing = coding === "a length"
    ? { header: `Content-Length: ${BLOB.bytes.byteLength}`, before: "" }
    : { header: "Transfer-Encoding: chunked", before: "3e8\r\n" };

  testOnWire(`goes on with an upload that was cut, sent with ${coding}`, async (scene) => {
    const { registry, repository } = scene;
    const location = await startUpload(repository);
    {
      using wire = await Wire.connect(registry.port);
      const path = location.pathname + location.search;
      await wire.send(`PATCH ${path} HTTP/1.1\r\nHost: x\r\n${framing.header}\r\n\r\n`);
      await wire.send(framing.before);
      await wire.send(BLOB.bytes.subarray(0, 500));
    }
    await resume(location);
    assertEquals(await pullBlob(repository, BLOB.digest), BLOB.bytes);
  });

  testOnWire(`stores nothing of a blob and a manifest cut short with ${coding}`, async (scene) => {
    const { registry, repository, data } = scene;
    const location = await startUpload(repository);
    location.searchParams.set("digest", BLOB.digest);
    const manifest = new URL(`${registry.url}/v2/${repository.name}/manifests/cut`);
    for (const { pathname, search } of [location, manifest]) {
      using wire = await Wire.connect(registry.port);
      await wire.send(`PUT ${pathname}${search} HTTP/1.1\r\nHost: x\r\n${framing.header}\r\n`);
      await wire.send(`Content-Type: application/vnd.oci.image.manifest.v1+json\r\n\r\n`);
      await wire.send(framing.before);
      await wire.send(BLOB.bytes.subarray(0, 500));
      await wire.end();
      const statuses = statusesOf(await wire.readAll());
      assertEquals(statuses.filter((status) => status < 400), []);
    }
    await request(blobUrl(repository, BLOB.digest), { method: "HEAD", expect: [404] });
    await request(manifest.href, { method: "HEAD", expect: [404] });
    assertEquals((await storedDigests(data)).includes(BLOB.digest), false);
  });
}

testOnWire("has time for others while a crowd sends a byte now and then", async (scene) => {
  const { registry, repository } = scene;
  const wires = await Promise.all(Array.from({ length: 64 }, () => Wire.connect(registry.port)));
  try {
    const locations = await Promise.all(wires.map(() => startUpload(repository)));
    const blobs = wires.map((_, index) =>
      contentOf("application/octet-stream", randomBytes(`wire/${index}`, 40))
    );
    const requests = locations.map((location, index) => {
      location.searchParams.set("digest", blobs[index]?.digest ?? "");
      return new TextEncoder().encode(
        `PUT ${location.pathname}${location.search} HTTP/1.1\r\nHost: x\r\n` +
          "Content-Length: 40\r\nConnection: close\r\n\r\n",
      );
    });
    /** Sends the next byte of every request, and now and then is a client like any other. */
    const dawdle = async (bytesOf: (index: number) => Uint8Array, lengths: number) => {
      for (let at = 0; at < lengths; at++) {
        await Promise.all(
          wires.map((wire, index) => wire.send(bytesOf(index).subarray(at, at + 1))),
        );
        if (at % 20 === 0) await pushBlob(repository, BLOB);
      }
    };
    const longest = Math.max(...requests.map(({ byteLength }) => byteLength));
    await dawdle((index) => requests[index] ?? new Uint8Array(), longest);
    await dawdle((index) => blobs[index]?.bytes ?? new Uint8Array(), 40);
    for (const [index, wire] of wires.entries()) {
      assertMatch(await wire.readAll(), /^HTTP\/1\.1 201 /);
      assertEquals(await pullBlob(repository, blobs[index]?.digest ?? ""), blobs[index]?.bytes);
    }
  } finally {
    for (const wire of wires) wire[Symbol.dispose]();
  }
});

testOnWire("sends to readers that go away", async (scene) => {
  const { registry, repository } = scene;
  const large = contentOf("application/octet-stream", randomBytes("wire/large", 16 * 1024 * 1024));
  await pushBlob(repository, large);
  const path = new URL(blobUrl(repository, large.digest)).pathname;
  for (let reader = 0; reader < 50; reader++) {
    using wire = await Wire.connect(registry.port);
    await wire.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    assertMatch(await wire.read(), /^HTTP\/1\.1 200 /);
  }
  assertEquals(await pullBlob(repository, large.digest), large.bytes);
});

/** Sends what is missing of {@linkcode BLOB}, as often as the upload has moved on meanwhile. */
async function resume(location: URL): Promise<void> {
  for (let tries = 1;; tries++) {
    const status = await request(location.href, { expect: [204] });
    const last = Number(status.headers.get("Range")?.split("-")[1]);
    const offset = last === 0 ? 0 : last + 1;
    assertEquals([0, 500].includes(offset), true, `${offset} bytes were kept`);
    const next = new URL(status.headers.get("Location") ?? "", location);
    next.searchParams.set("digest", BLOB.digest);
    const put = await request(next.href, {
      method: "PUT",
      body: BLOB.bytes.slice(offset),
      headers: { "Content-Range": `${offset}-${BLOB.bytes.byteLength - 1}` },
      expect: tries < 20 ? [201, 416] : [201],
    });
    await put.body?.cancel();
    if (put.status === 201) return;
  }
}

/** Waits until a registry holds no file of its data open, and gives those that it does not close. */
async function openFiles({ process: { pid } }: Registry, data: string): Promise<string[]> {
  for (let tries = 0;; tries++) {
    const files: string[] = [];
    for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
      const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
      if (target.startsWith(data)) files.push(target);
    }
    if (files.length === 0 || tries === 200) return files;
    await delay(50);
  }
}
