import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { resumingBody } from "../../src/drivers/resuming_body.ts";

const TEXT = "the quick brown fox";

/** An answer with a part of the text, which breaks off after so many bytes. */
function answer(
  part: string,
  { etag = "one", afterBytes = part.length, first = TEXT.indexOf(part) } = {},
): Response {
  const bytes = new TextEncoder().encode(part);
  let isGiven = false;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (isGiven && afterBytes < part.length) return controller.error(new Error("broken"));
      if (!isGiven && afterBytes > 0) controller.enqueue(bytes.slice(0, afterBytes));
      isGiven = true;
      if (afterBytes === part.length) controller.close();
    },
  });
  const range = first === 0 ? {} : { "content-range": `bytes ${first}-99/100` };
  return new Response(body, {
    headers: { etag, "content-length": String(part.length), ...range },
  });
}

function open(response: Response, next: Response, offset = 0) {
  const asked: string[] = [];
  const stream = resumingBody(response, {
    offset,
    versionHeader: "etag",
    reopen(range) {
      asked.push(range);
      return Promise.resolve(next);
    },
    toError: (reason) => new Error(`told: ${reason instanceof Error ? reason.message : ""}`),
  });
  return { text: () => new Response(stream).text(), asked };
}

Deno.test("resumingBody asks for the rest of the part that was asked for", async () => {
  const { text, asked } = open(answer("quick", { afterBytes: 2 }), answer("ick"), 4);
  assertEquals([await text(), asked], ["quick", ["bytes=6-8"]]);
});

Deno.test("resumingBody does not go on with other content", async () => {
  const { text } = open(answer(TEXT, { afterBytes: 9 }), answer(TEXT.slice(9), { etag: "two" }));
  await assertRejects(text, Error, "told: Cannot read: the store answered with other content");
});

Deno.test("resumingBody takes no other part than it asked for", async () => {
  const whole = { first: 0 };
  const { text } = open(answer("quick", { afterBytes: 2 }), answer("ick", whole), 4);
  await assertRejects(text, Error, "told: Cannot read");
  assertThrows(() => open(answer("quick", whole), new Response(), 4), Error, "told: Cannot read");
});

Deno.test("resumingBody leaves an answer alone that says too little of itself", async () => {
  assertEquals(await open(new Response(TEXT), new Response()).text(), TEXT);
  assertEquals(await open(new Response(null), new Response()).text(), "");
});
