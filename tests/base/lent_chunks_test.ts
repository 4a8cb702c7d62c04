import { assertEquals } from "@std/assert";
import { lendsChunks, returnsChunks, type ReturnTerms } from "../../src/base/lent_chunks.ts";

Deno.test("returnsChunks tells a stream that lends its chunks when they come back", () => {
  const agreed: ReturnTerms[] = [];
  const stream = lendsChunks(new ReadableStream(), (terms) => agreed.push(terms));
  assertEquals(returnsChunks(stream, { reusable: true }), true);
  assertEquals(agreed, [{ reusable: true }]);
});

Deno.test("returnsChunks knows a stream by its response, and promises nothing to others", () => {
  const agreed: ReturnTerms[] = [];
  const stream = lendsChunks(new ReadableStream(), (terms) => agreed.push(terms));
  const { body } = new Response(stream);
  assertEquals(body !== null && returnsChunks(body, { reusable: false }), true);
  assertEquals(agreed, [{ reusable: false }]);
  assertEquals(returnsChunks(new ReadableStream(), { reusable: false }), false);
});
