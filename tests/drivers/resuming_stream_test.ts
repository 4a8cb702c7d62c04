import { Buffer } from "node:buffer";
import { assertEquals, assertRejects } from "@std/assert";
import { byteStream, chunkSource } from "../../src/drivers/byte_stream.ts";
import { resumingStream } from "../../src/drivers/resuming_stream.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { randomBytes } from "../support/random_bytes.ts";

const CONTENT = randomBytes("resuming", 300_000);

/** An answer that ends with a failure, or falls silent, after so many bytes of what is left. */
interface Answer {
  readonly afterBytes: number;
  readonly then: "fails" | "is silent" | "ends";
}

function answer(skippedBytes: number, { afterBytes, then }: Answer) {
  const content = CONTENT.subarray(skippedBytes);
  const inner = chunkSource([content.subarray(0, afterBytes)]);
  let closed = () => {};
  return byteStream({
    async read(view) {
      const count = await inner.read(view);
      if (count > 0) return count;
      if (then === "fails") throw new Error("the connection broke");
      return await new Promise<number>((resolve) => closed = () => resolve(0));
    },
    close: () => closed(),
  }, then === "ends" ? Math.min(afterBytes, content.byteLength) : content.byteLength);
}

/** A stream over such answers, the last of which is whole, and where each began. */
function scene(answers: readonly Answer[]) {
  const whole: Answer = { afterBytes: CONTENT.byteLength, then: "ends" };
  const asked: number[] = [];
  const timers = new ManualTimers();
  const stream = resumingStream({
    opened: answer(0, answers[0] ?? whole),
    sizeBytes: CONTENT.byteLength,
    reopen(skippedBytes) {
      asked.push(skippedBytes);
      return Promise.resolve(answer(skippedBytes, answers[asked.length] ?? whole));
    },
    toError: (reason) => new Error("told", { cause: reason }),
    timers,
  });
  return { stream, asked, timers };
}

Deno.test("resumingStream goes on where an answer failed or ended early", async () => {
  for (const then of ["fails", "ends"] as const) {
    const { stream, asked } = scene([{ afterBytes: 70_000, then }, { afterBytes: 1000, then }]);
    const bytes = await new Response(stream).bytes();
    assertEquals(Buffer.compare(bytes, CONTENT), 0);
    assertEquals(asked, [70_000, 71_000]);
  }
});

Deno.test("resumingStream asks anew where nothing comes for a minute", async () => {
  const { stream, asked, timers } = scene([{ afterBytes: 70_000, then: "is silent" }]);
  const reading = new Response(stream).bytes();
  while (asked.length === 0) await timers.pass(61_000);
  assertEquals(Buffer.compare(await reading, CONTENT), 0);
  assertEquals(timers.waiting, 0);
});

Deno.test("resumingStream gives up after five answers without a byte", async () => {
  const barren = Array.from({ length: 9 }, () => ({ afterBytes: 0, then: "fails" } as const));
  const { stream, asked } = scene(barren);
  await assertRejects(() => new Response(stream).bytes(), Error, "told");
  assertEquals(asked, [0, 0, 0, 0]);
});

Deno.test("resumingStream fills the buffers that its reader brings, and may be cancelled", async () => {
  const { stream } = scene([{ afterBytes: 70_000, then: "fails" }]);
  const reader = stream.getReader({ mode: "byob" });
  const bytes: number[] = [];
  while (bytes.length < 80_000) {
    const { value } = await reader.read(new Uint8Array(9_999));
    bytes.push(...value ?? []);
  }
  assertEquals(Buffer.compare(Buffer.from(bytes), CONTENT.subarray(0, bytes.length)), 0);
  await reader.cancel();
});
