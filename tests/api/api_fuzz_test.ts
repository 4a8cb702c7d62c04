import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { toBytes } from "../../src/base/bytes.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { codesOf } from "./_attacks.ts";
import {
  OCI_CONFIG,
  OCI_INDEX,
  OCI_LAYER,
  OCI_MANIFEST,
  type PushedImage,
  TestRegistry,
} from "./_registry.ts";

/** What a request is made of. */
interface AnyRequest {
  readonly method: string;
  /** Everything behind the host; `ID` stands for an upload, `DIGEST` for a manifest that is there. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Uint8Array[];
  /** Whether the body breaks off. */
  readonly cut: boolean;
}

const ANY_TEXT = fc.string({ unit: "binary", maxLength: 12 });

const METHOD = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") },
  { weight: 1, arbitrary: fc.constantFrom("OPTIONS", "constructor", "__proto__", "X", "PROPFIND") },
);

const SEGMENT = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...["v2", "foo", "manifests", "blobs", "uploads", "tags", "list", "referrers", "_catalog"],
      ...["ID", "DIGEST", EMPTY_DIGEST, "v1", "", ".", "..", "%2e%2e", "%2f", "%00", "%zz"],
    ),
  },
  { weight: 1, arbitrary: ANY_TEXT },
  { weight: 1, arbitrary: ANY_TEXT.map((text) => encodeURIComponent(text.toWellFormed())) },
);

const TAIL = fc.constantFrom(
  ...["tags/list", "manifests/v1", "manifests/v2", "manifests/DIGEST", "blobs/DIGEST"],
  ...["blobs/uploads/", "blobs/uploads/ID", "referrers/DIGEST", `blobs/${EMPTY_DIGEST}`],
);

const PARAMETER = fc.tuple(
  fc.constantFrom(
    ...["n", "last", "digest", "mount", "from", "_state", "tag", "artifactType"],
    "digest-algorithm",
  ),
  fc.oneof(fc.constantFrom("DIGEST", EMPTY_DIGEST, "foo", "1", "0", "-1", "sha512"), ANY_TEXT),
);

const PATH = fc.tuple(
  fc.oneof(
    { weight: 3, arbitrary: TAIL.map((tail) => `v2/foo/${tail}`) },
    { weight: 1, arbitrary: fc.tuple(SEGMENT, TAIL).map(([name, tail]) => `v2/${name}/${tail}`) },
    { weight: 1, arbitrary: fc.array(SEGMENT, { maxLength: 7 }).map((parts) => parts.join("/")) },
  ),
  fc.array(PARAMETER, { maxLength: 3 }),
).map(([path, parameters]) => {
  return `/${path}${parameters.length === 0 ? "" : `?${new URLSearchParams(parameters)}`}`;
});

/** A value that the constructor of `Headers` takes; what it refuses never reaches a server. */
const HEADER_VALUE = fc.oneof(
  fc.constantFrom(
    ...["0", "5", "-1", "1e9", "99999999999999999999", "0-4", "5-9", "bytes=0-", "bytes=-5"],
    ...["bytes=0-1,3-4,2-", `"${EMPTY_DIGEST}"`, "*", OCI_MANIFEST, OCI_INDEX, "a/b; c=d"],
    ...["for=a;host=b;proto=https", 'host="', "a, b", "http://[", "1.2.3.4", "::1"],
  ),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((n) => String.fromCharCode(n)) })
    .filter((text) => !text.includes("\x7f")),
);

const HEADERS = fc.dictionary(
  fc.constantFrom(
    ...["content-length", "content-range", "content-type", "range", "if-range", "if-match"],
    ...["if-none-match", "accept", "forwarded", "x-forwarded-host", "x-forwarded-proto"],
    ...["x-forwarded-for", "x-real-ip", "user-agent", "referer"],
  ),
  HEADER_VALUE,
  { maxKeys: 4 },
);

const MANIFEST_TEXT = fc.record({
  schemaVersion: fc.constantFrom(1, 2, "2", null),
  mediaType: fc.option(fc.constantFrom(OCI_MANIFEST, OCI_INDEX, "x"), { nil: undefined }),
  config: fc.option(fc.constant({ mediaType: OCI_CONFIG, digest: EMPTY_DIGEST }), {
    nil: undefined,
  }),
  layers: fc.option(
    fc.array(fc.oneof(fc.constant({ mediaType: OCI_LAYER, digest: EMPTY_DIGEST }), fc.jsonValue())),
    { nil: undefined },
  ),
  manifests: fc.option(fc.array(fc.jsonValue()), { nil: undefined }),
  subject: fc.option(fc.jsonValue(), { nil: undefined }),
  annotations: fc.option(fc.jsonValue(), { nil: undefined }),
}, { requiredKeys: [] }).map((document) => toBytes(JSON.stringify(document)));

const REQUEST: fc.Arbitrary<AnyRequest> = fc.record({
  method: METHOD,
  path: PATH,
  headers: HEADERS,
  pieces: fc.array(fc.oneof(fc.uint8Array({ maxLength: 20 }), MANIFEST_TEXT), { maxLength: 3 }),
  cut: fc.boolean(),
});

function bodyOf({ pieces, cut }: AnyRequest): ReadableStream<Uint8Array> {
  const waiting = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = waiting.shift();
      if (piece !== undefined) controller.enqueue(piece);
      else if (cut) controller.error(new Error("connection reset"));
      else controller.close();
    },
  }, { highWaterMark: 0 });
}

async function send(
  registry: TestRegistry,
  request: AnyRequest,
  image: PushedImage,
): Promise<Response> {
  const { method, headers } = request;
  const id = (await registry.startUpload("foo")).split("/").at(-1) ?? "";
  const path = request.path.replaceAll("ID", id).replaceAll("DIGEST", image.digest);
  return await registry.send(method, "/", {
    headers,
    rawUrl: `http://registry.test${path}`,
    ...method === "GET" || method === "HEAD" ? {} : { body: bodyOf(request) },
  });
}

/** Every answer is one that HTTP and the specification know. */
async function assertSound(answer: Response, { method }: AnyRequest): Promise<void> {
  const { status, headers } = answer;
  assert(status < 500, `${status}`);
  const text = await answer.text();
  if (method === "HEAD") assertEquals(text, "");
  const length = headers.get("content-length");
  if (length !== null && method !== "HEAD") assertEquals(Number(length), toBytes(text).byteLength);
  if (status < 400 || method === "HEAD" || text === "") return;
  if (headers.get("content-type") === "application/json") codesOf(answer, text);
  else assertEquals(text, "404 page not found\n");
}

Deno.test("createApi answers whatever is asked, one request to a registry", async () => {
  await fc.assert(
    fc.asyncProperty(REQUEST, async (request) => {
      const registry = new TestRegistry();
      const image = await registry.pushImage("foo", { reference: "v1" });

      await assertSound(await send(registry, request, image), request);

      // Nothing but a delete may take it away.
      const after = await registry.send("GET", `/v2/foo/manifests/${image.digest}`);
      if (request.method !== "DELETE") assertEquals(after.status, 200);
    }),
    { numRuns: 300, timeout: 5_000 },
  );
});

Deno.test("createApi answers whatever is asked, many requests to one registry", async () => {
  const registry = new TestRegistry({ settings: { uploadSecret: "a secret" } });
  let image = await registry.pushImage("foo", { reference: "v1" });

  await fc.assert(
    fc.asyncProperty(fc.array(REQUEST, { minLength: 1, maxLength: 6 }), async (requests) => {
      const answers = await Promise.all(
        requests.map((request) => send(registry, request, image)),
      );

      for (const [index, request] of requests.entries()) {
        const answer = answers[index];
        if (answer !== undefined) await assertSound(answer, request);
      }
      // It is alive, and what is pushed can be pulled.
      image = await registry.pushImage("foo", { reference: "v1" });
      const pulled = await registry.send("GET", "/v2/foo/manifests/v1");
      assertEquals(new Uint8Array(await pulled.arrayBuffer()), image.bytes);
    }),
    { numRuns: 100, timeout: 5_000 },
  );
});
