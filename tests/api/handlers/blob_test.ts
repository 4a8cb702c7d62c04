import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import { digestBytes } from "../../../src/oci/digester.ts";
import { errorCodes, TestRegistry } from "../_registry.ts";

const TEXT = "0123456789abcdefghij";
const DIGEST = digestBytes(toBytes(TEXT));
const PATH = `/v2/foo/blobs/${DIGEST}`;

async function registryWithBlob(): Promise<TestRegistry> {
  const registry = new TestRegistry();
  await registry.pushBlob("foo", TEXT);
  return registry;
}

Deno.test("getBlob sends the bytes with what they are", async () => {
  const registry = await registryWithBlob();

  const get = await registry.send("GET", PATH);
  const head = await registry.send("HEAD", PATH);

  assertEquals(await get.text(), TEXT);
  assertEquals(head.body, null);
  for (const answer of [get, head]) {
    assertEquals(answer.status, 200);
    assertEquals(Object.fromEntries(answer.headers), {
      "accept-ranges": "bytes",
      "cache-control": "max-age=31536000",
      "content-length": "20",
      "content-type": "application/octet-stream",
      "docker-content-digest": DIGEST,
      "docker-distribution-api-version": "registry/2.0",
      etag: `"${DIGEST}"`,
    });
  }
});

Deno.test("getBlob knows only the blobs of the repository", async () => {
  const registry = await registryWithBlob();

  const elsewhere = await registry.send("GET", `/v2/bar/blobs/${DIGEST}`);
  const unknown = await registry.send("HEAD", `/v2/foo/blobs/${digestBytes(toBytes("x"))}`);

  assertEquals(elsewhere.status, 404);
  assertEquals(await errorCodes(elsewhere), ["BLOB_UNKNOWN"]);
  assertEquals(unknown.status, 404);
});

Deno.test("getBlob refuses what is no digest, with the reason", async () => {
  const registry = new TestRegistry();
  const reasons = {
    "sha257:00": "unsupported digest algorithm",
    "sha256:00": "invalid checksum digest length",
    [`sha256:${"g".repeat(64)}`]: "invalid checksum digest format",
    "nonsense": "invalid checksum digest format",
  };

  for (const [digest, reason] of Object.entries(reasons)) {
    const answer = await registry.send("GET", `/v2/foo/blobs/${digest}`);
    assertEquals(answer.status, 400);
    assertEquals(await answer.json(), {
      errors: [{
        code: "DIGEST_INVALID",
        message: "provided digest did not match uploaded content",
        detail: reason,
      }],
    });
  }
});

Deno.test("getBlob sends one range", async () => {
  const registry = await registryWithBlob();
  const cases = {
    "bytes=0-3": ["0123", "bytes 0-3/20"],
    "bytes=16-": ["ghij", "bytes 16-19/20"],
    "bytes=-2": ["ij", "bytes 18-19/20"],
    "bytes=10-500": ["abcdefghij", "bytes 10-19/20"],
  };

  for (const [range, [text, contentRange]] of Object.entries(cases)) {
    const answer = await registry.send("GET", PATH, { headers: { range } });
    assertEquals(answer.status, 206);
    assertEquals(answer.headers.get("content-range"), contentRange);
    assertEquals(answer.headers.get("content-length"), String(text?.length));
    assertEquals(await answer.text(), text);
  }
});

Deno.test("getBlob refuses ranges that no byte is in", async () => {
  const registry = await registryWithBlob();

  const past = await registry.send("GET", PATH, { headers: { range: "bytes=20-30" } });
  const inverted = await registry.send("GET", PATH, { headers: { range: "bytes=5-2" } });

  for (const answer of [past, inverted]) {
    assertEquals(answer.status, 416);
    assertEquals(await errorCodes(answer), ["RANGE_INVALID"]);
  }
  assertEquals(past.headers.get("content-range"), "bytes */20");
});

Deno.test("getBlob sends several ranges as parts", async () => {
  const registry = await registryWithBlob();

  const answer = await registry.send("GET", PATH, { headers: { range: "bytes=0-1,10-11" } });
  const head = await registry.send("HEAD", PATH, { headers: { range: "bytes=0-1,10-11" } });
  const body = await answer.text();

  assertEquals(answer.status, 206);
  const boundary = answer.headers.get("content-type")?.replace(
    "multipart/byteranges; boundary=",
    "",
  );
  assertEquals(answer.headers.get("content-length"), String(body.length));
  assertEquals(head.headers.get("content-length"), String(body.length));
  assertEquals(
    body,
    `--${boundary}\r\nContent-Range: bytes 0-1/20\r\nContent-Type: application/octet-stream\r\n` +
      `\r\n01\r\n--${boundary}\r\nContent-Range: bytes 10-11/20\r\n` +
      `Content-Type: application/octet-stream\r\n\r\nab\r\n--${boundary}--\r\n`,
  );
});

Deno.test("getBlob sends more than a thousand ranges in one answer", async () => {
  const registry = new TestRegistry();
  const digest = await registry.pushBlob("foo", new Uint8Array(10_000).fill(7));
  const range = `bytes=${Array.from({ length: 1024 }, (_, i) => `${i * 9}-${i * 9 + 1}`).join()}`;

  const answer = await registry.send("GET", `/v2/foo/blobs/${digest}`, { headers: { range } });
  const body = await answer.text();

  assertEquals(answer.status, 206);
  assertEquals(body.match(/Content-Range/g)?.length, 1024);
  assertEquals(answer.headers.get("content-length"), String(body.length));
});

Deno.test("getBlob goes by the range only while the content is the same", async () => {
  const registry = await registryWithBlob();
  const range = "bytes=0-3";

  const same = await registry.send("GET", PATH, { headers: { range, "if-range": `"${DIGEST}"` } });
  const other = await registry.send("GET", PATH, { headers: { range, "if-range": '"other"' } });

  assertEquals(await same.text(), "0123");
  assertEquals(await other.text(), TEXT);
});

Deno.test("getBlob answers conditions", async () => {
  const registry = await registryWithBlob();
  const status = async (headers: Record<string, string>) =>
    (await registry.send("GET", PATH, { headers })).status;

  assertEquals(await status({ "if-none-match": `"${DIGEST}"` }), 304);
  assertEquals(await status({ "if-none-match": `"other", W/"${DIGEST}"` }), 304);
  assertEquals(await status({ "if-none-match": "*" }), 304);
  assertEquals(await status({ "if-none-match": '"other"' }), 200);
  assertEquals(await status({ "if-none-match": "" }), 200);
  assertEquals(await status({ "if-match": `"${DIGEST}"` }), 200);
  assertEquals(await status({ "if-match": '"other"' }), 412);
});

Deno.test("getBlob with a condition that fails says that no body follows", async () => {
  const registry = await registryWithBlob();

  const answer = await registry.send("GET", PATH, { headers: { "if-match": '"other"' } });

  assertEquals(answer.headers.get("content-length"), "0");
  assertEquals(await answer.text(), "");
});

Deno.test("getBlob streams what is large", async () => {
  const registry = new TestRegistry();
  const content = crypto.getRandomValues(new Uint8Array(65_536)).slice();
  const large = new Uint8Array(1_000_000);
  for (let offset = 0; offset < large.length; offset += content.length) {
    large.set(content.subarray(0, large.length - offset), offset);
  }
  const digest = await registry.pushBlob("foo", large);

  const answer = await registry.send("GET", `/v2/foo/blobs/${digest}`);

  assertEquals(answer.headers.get("content-length"), "1000000");
  assertEquals(digestBytes(new Uint8Array(await answer.arrayBuffer())), digest);
});

Deno.test("deleteBlob takes a blob out of one repository", async () => {
  const registry = await registryWithBlob();
  await registry.pushBlob("bar", TEXT);

  const deleted = await registry.send("DELETE", PATH);
  const again = await registry.send("DELETE", PATH);

  assertEquals(deleted.status, 202);
  assertEquals(deleted.headers.get("content-length"), "0");
  assertEquals(again.status, 404);
  assertEquals((await registry.send("HEAD", PATH)).status, 404);
  assertEquals((await registry.send("HEAD", `/v2/bar/blobs/${DIGEST}`)).status, 200);
  await registry.pushBlob("foo", TEXT);
  assertEquals((await registry.send("HEAD", PATH)).status, 200);
});

Deno.test("deleteBlob is refused where deleting is switched off", async () => {
  const registry = new TestRegistry({ store: { deleteEnabled: false } });
  await registry.pushBlob("foo", TEXT);

  const refused = await registry.send("DELETE", PATH);

  assertEquals(refused.status, 405);
  assertEquals(await errorCodes(refused), ["UNSUPPORTED"]);
  assert((await registry.send("HEAD", PATH)).ok);
});
