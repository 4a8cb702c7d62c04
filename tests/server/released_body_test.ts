import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { lendsChunks, type ReturnTerms } from "../../src/base/lent_chunks.ts";
import { withReleasedBody } from "../../src/server/released_body.ts";

const SIZE_BYTES = 700_000;
const CONTENT = Uint8Array.from({ length: SIZE_BYTES }, (_, index) => index % 251);

/** A response whose body is made as it is read, and what became of that. */
function makeResponse(type: "bytes" | undefined, content = CONTENT) {
  const made = { response: new Response(), cancelled: undefined as unknown };
  let given = 0;
  const source = {
    type,
    pull(controller: ReadableByteStreamController) {
      const piece = content.slice(given, given + 100_000);
      given += piece.byteLength;
      controller.enqueue(piece);
      if (given === content.byteLength) controller.close();
    },
    cancel: (reason: unknown) => void (made.cancelled = reason),
  };
  const headers = { "content-length": String(content.byteLength), "etag": '"a"' };
  const body = new ReadableStream(source as UnderlyingByteSource);
  made.response = new Response(body, { status: 206, headers });
  return made;
}

Deno.test("withReleasedBody sends the same, piece by piece", async () => {
  const { status, headers, body } = withReleasedBody(makeResponse("bytes").response);
  const pieces: Uint8Array[] = [];
  for await (const piece of body ?? []) pieces.push(piece.slice());

  assertEquals([status, headers.get("etag")], [206, '"a"']);
  assertEquals(new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()), CONTENT);
});

Deno.test("withReleasedBody empties a piece when the next one is asked for", async () => {
  const { body } = withReleasedBody(makeResponse("bytes").response);
  const reader = body?.getReader();

  const first = await reader?.read();
  const before = first?.value?.byteLength ?? 0;
  await reader?.read();

  assert(before > 0);
  assertEquals(first?.value?.byteLength, 0);
  await reader?.cancel();
});

Deno.test("withReleasedBody leaves bodies alone that are small, absent or not to be read into", () => {
  const small = makeResponse("bytes", CONTENT.subarray(0, 65_536)).response;
  const chunks = makeResponse(undefined).response;
  const none = new Response(null, { headers: { "content-length": "5000000" } });

  for (const response of [small, chunks, none]) {
    assertStrictEquals(withReleasedBody(response), response);
    assertEquals(response.body?.locked ?? false, false);
  }
});

Deno.test("withReleasedBody passes on that nobody wants the rest", async () => {
  const made = makeResponse("bytes");
  const reader = withReleasedBody(made.response).body?.getReader();
  await reader?.read();

  await reader?.cancel("enough");

  assertEquals(made.cancelled, "enough");
});

Deno.test("withReleasedBody fails as the body does", async () => {
  const broken = new ReadableStream({
    type: "bytes",
    pull: () => Promise.reject(new Error("broken disk")),
  });
  const response = new Response(broken, { headers: { "content-length": "100000" } });

  await assertRejects(() => withReleasedBody(response).arrayBuffer(), Error, "broken disk");
});

Deno.test("withReleasedBody leaves a body that lends its chunks, which it gives back", () => {
  const agreed: ReturnTerms[] = [];
  const body = lendsChunks(new ReadableStream(), (terms) => agreed.push(terms));
  const response = new Response(body, { headers: { "content-length": String(SIZE_BYTES) } });

  assertStrictEquals(withReleasedBody(response), response);
  assertEquals(agreed, [{ reusable: false }]);
});
