import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { assertAlive, codesOf } from "./_attacks.ts";
import { OCI_MANIFEST, TestRegistry, withQuery } from "./_registry.ts";

const CONTENT = toBytes("0123456789");
const DIGEST = digestBytes(CONTENT);
const OTHER = digestBytes(toBytes("other"));

/** A body that breaks off. */
function cutBody(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(toBytes(text)),
    pull: (controller) => controller.error(new Error("connection reset")),
  }, { highWaterMark: 0 });
}

/** A request to an upload that holds `01234`, and what follows. */
interface Attack {
  readonly name: string;
  readonly method: "PATCH" | "PUT" | "POST" | "GET" | "DELETE";
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a stream, without a length. */
  readonly body?: () => BodyInit;
  readonly status: number;
  readonly codes?: readonly string[];
  /** Bytes that the upload holds afterwards; `undefined`: it is gone. */
  readonly left: number | undefined;
}

const REST = () => toBytes("56789");
const RANGE = { status: 416, codes: ["RANGE_INVALID"], left: 5 };
const SIZE = { status: 400, codes: ["SIZE_INVALID"], left: 5 };
const NO_DIGEST = { status: 400, codes: ["DIGEST_INVALID"], left: 5 };
const NO_STATE = { status: 404, codes: ["BLOB_UPLOAD_INVALID"], left: 5 };

const RANGES = [
  ...["0-4", "4-8", "6-10", "5-4", "9-5", "-5", "5-", "5", "", "-", "a-b", "5-9-13", "5 - 9"],
  ...["bytes 5-9/10", "bytes=5-9", "bytes 5-9", "05-09 ", "+5-+9", "5-1e308", "0x5-0x9"],
  ...["5-9999999999999999", "9007199254740993-9007199254740997", "-9223372036854775808-0"],
  "5-9".repeat(10_000),
];

const ATTACKS: readonly Attack[] = [
  ...RANGES.filter((range) => range !== "05-09 ").flatMap((range): Attack[] => [
    {
      name: `Content-Range ${range}`,
      method: "PATCH",
      headers: { "content-range": range },
      body: REST,
      ...RANGE,
    },
    {
      name: `Content-Range ${range}`,
      method: "PUT",
      query: { digest: DIGEST },
      headers: { "content-range": range },
      body: REST,
      ...RANGE,
    },
  ]),
  ...["6", "4", "-5", "1e1", "0x5", "5.0", "NaN", "Infinity", "5,5", "five", "9".repeat(400)]
    .map((length): Attack => ({
      name: `Content-Length ${length}, Content-Range of five bytes`,
      method: "PATCH",
      headers: { "content-length": length, "content-range": "5-9" },
      body: REST,
      ...SIZE,
    })),
  ...["-5", "1e1", "NaN", "Infinity", "five"].map((length): Attack => ({
    name: `Content-Length ${length}`,
    method: "PUT",
    query: { digest: DIGEST },
    headers: { "content-length": length },
    body: REST,
    ...SIZE,
  })),
  {
    name: "fewer bytes than Content-Length says",
    method: "PATCH",
    headers: { "content-length": "50" },
    body: REST,
    ...SIZE,
    left: 10,
  },
  {
    name: "fewer bytes than Content-Range says",
    method: "PATCH",
    headers: { "content-range": "5-100" },
    body: () => cutBody("56789"),
    status: 499,
    codes: ["BLOB_UPLOAD_INVALID"],
    left: 10,
  },
  {
    name: "a body that breaks off at once",
    method: "PATCH",
    body: () => cutBody(""),
    status: 499,
    codes: ["BLOB_UPLOAD_INVALID"],
    left: 5,
  },
  {
    name: "a last body that breaks off, though its digest fits",
    method: "PUT",
    query: { digest: DIGEST },
    body: () => cutBody("56789"),
    status: 499,
    codes: ["BLOB_UPLOAD_INVALID"],
    left: 10,
  },
  { name: "no digest", method: "PUT", body: REST, ...NO_DIGEST },
  ...["", "x", "sha256:", "sha256:00", `${DIGEST}0`, ` ${DIGEST}`, DIGEST.toUpperCase(), "\u0000"]
    .map((digest): Attack => ({
      name: `digest ${JSON.stringify(digest)}`,
      method: "PUT",
      query: { digest },
      body: REST,
      ...NO_DIGEST,
    })),
  {
    name: "another digest",
    method: "PUT",
    query: { digest: OTHER },
    body: REST,
    ...NO_DIGEST,
    left: 10,
  },
  ...(["PATCH", "PUT", "DELETE"] as const).flatMap((method) =>
    ["", "A", "AAAA", "=", "!", "\u0000", "A".repeat(60_000), "é"].map((_state): Attack => ({
      name: `_state ${JSON.stringify(_state.slice(0, 20))}`,
      method,
      query: { _state, digest: DIGEST },
      ...method === "DELETE" ? {} : { body: REST },
      ...NO_STATE,
    }))
  ),
  {
    name: "a body with a GET-like method",
    method: "DELETE",
    body: REST,
    status: 204,
    left: undefined,
  },
  {
    name: "a body of NUL bytes",
    method: "PATCH",
    body: () => new Uint8Array(5),
    status: 202,
    left: 10,
  },
  {
    name: "a form, which is content like any other",
    method: "PATCH",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: REST,
    status: 202,
    left: 10,
  },
  { name: "nothing", method: "PATCH", status: 202, left: 5 },
];

for (const attack of ATTACKS) {
  const { name, method } = attack;
  const shown = name.length > 80 ? `${name.slice(0, 60)}… of ${name.length} characters` : name;
  Deno.test(`createApi withstands uploads: ${method} with ${shown}`, async () => {
    const registry = new TestRegistry({ settings: { uploadSecret: "a secret" } });
    const image = await registry.pushImage("foo", { reference: "v1" });
    const started = new URL(await registry.startUpload("foo"));
    await registry.send("PATCH", started.pathname, { body: CONTENT.slice(0, 5) });

    const { query, headers = {}, body, status, codes, left } = attack;
    const content = body === undefined ? null : new Response(body()).body;
    const answer = await registry.send(method, withQuery(started.pathname, query ?? {}), {
      headers,
      ...content === null ? {} : { body: content },
    });
    const text = await answer.text();

    assertEquals(answer.status, status, text);
    if (codes !== undefined) assertEquals(codesOf(answer, text), codes);
    const found = await registry.send("GET", started.pathname);
    const range = left === undefined ? null : `0-${left - 1}`;
    assertEquals(found.headers.get("range"), range);
    assertEquals((await registry.send("HEAD", `/v2/foo/blobs/${DIGEST}`)).status, 404);
    await assertAlive(registry, image.bytes);
  });
}

Deno.test("createApi withstands uploads: ids of every wrong shape", async () => {
  const registry = new TestRegistry();
  const id = new URL(await registry.startUpload("foo")).pathname.split("/").at(-1) ?? "";
  const ids = [
    ...["x", "-", ".", "a%00", "a%0a", "a%20b", "%E4%BD%A0", "..%2f..", `..%2f${id}`, "=", "_"],
    ...["constructor", "startedat", `${id}%2fdata`, `${id}0`, "a".repeat(300), "a".repeat(65_536)],
  ];

  for (const odd of ids) {
    for (const method of ["GET", "HEAD", "PATCH", "PUT", "DELETE"]) {
      const path = `/v2/foo/blobs/uploads/${odd}?digest=${DIGEST}`;
      const answer = await registry.send(method, path, {
        rawUrl: `http://registry.test${path}`,
        ...method === "PATCH" || method === "PUT" ? { body: CONTENT } : {},
      });
      const text = await answer.text();
      if (odd === ".") assertEquals(answer.status, 301);
      else assertEquals(answer.status, 404, `${method} ${odd.slice(0, 80)}`);
      if (method !== "HEAD" && answer.headers.get("content-type") === "application/json") {
        codesOf(answer, text);
      }
    }
  }
  assertEquals((await registry.send("GET", `/v2/foo/blobs/uploads/${id}`)).status, 204);
});

Deno.test("createApi withstands uploads: sources that no blob can be mounted from", async () => {
  const registry = new TestRegistry();
  const digest = await registry.pushBlob("foo", CONTENT);
  const sources = [
    ...[
      "..",
      "../foo",
      "/foo",
      "foo/",
      "FOO",
      "foo\u0000",
      "foo\n",
      "localhost:5000/foo",
      "[::1]/a",
    ],
    ...["你好", "foo/_layers", "a".repeat(256), "a/".repeat(200), "a".repeat(60_000), "%2e%2e"],
  ];

  for (const from of sources) {
    const query = new URLSearchParams({ mount: digest, from });
    const answer = await registry.send("POST", `/v2/bar/blobs/uploads/?${query}`);
    assertEquals(answer.status, 202, from.slice(0, 80));
  }
  assertEquals((await registry.send("HEAD", `/v2/bar/blobs/${digest}`)).status, 404);
});

Deno.test("createApi withstands uploads: one state that is used twice at once", async () => {
  const registry = new TestRegistry({ settings: { uploadSecret: "a secret" } });
  const location = await registry.startUpload("foo");

  const answers = await Promise.all(["01234", "56789"].map((text) => {
    return registry.send("PATCH", location, { body: toBytes(text) });
  }));

  const statuses = answers.map(({ status }) => status).sort();
  assertEquals(statuses, [202, 416]);
  const found = await registry.send("GET", location);
  assertEquals(found.headers.get("range"), "0-4");
});

Deno.test("createApi withstands uploads: a manifest whose body breaks off", async () => {
  const registry = new TestRegistry();
  const image = await registry.pushImage("foo", { reference: "v1" });

  const answer = await registry.send("PUT", "/v2/foo/manifests/v1", {
    headers: { "content-type": OCI_MANIFEST },
    body: cutBody('{"schemaVersion":2'),
  });

  assertEquals(answer.status, 499);
  assertEquals(codesOf(answer, await answer.text()), ["BLOB_UPLOAD_INVALID"]);
  await assertAlive(registry, image.bytes);
});

/** Hosts as clients and proxies may send them; no answer may come to grief over one. */
const HOSTS = [
  "你好",
  "a b<>",
  "a\\b",
  "",
  "a\u0000",
  '"',
  "[::1",
  "a:99999",
  "é",
  "a@b",
  "\ud800",
];

for (const host of HOSTS) {
  Deno.test(`createApi withstands uploads: host ${JSON.stringify(host)}`, async () => {
    const registry = new TestRegistry();
    const rawUrl = `http://${host}/v2/foo/blobs/uploads/`;

    const answer = await registry.send("POST", "/", { rawUrl });

    assertEquals(answer.status, 202);
    const location = answer.headers.get("location") ?? "";
    assert(
      /^(?:https?:\/\/[^/]+)?\/v2\/foo\/blobs\/uploads\/[0-9a-f-]{36}$/.test(location),
      location,
    );
    assert(URL.canParse(location, "http://registry.test"), location);
  });
}
