import { assert, assertEquals, assertFalse } from "@std/assert";
import { type LineOutput, LineWriter } from "../../src/log/line_writer.ts";

/** An output that remembers each write, takes so many bytes at a time, and may be held up. */
class FakeOutput implements LineOutput {
  readonly writes: string[] = [];
  readonly #bytesPerWrite: number;
  #gate: Promise<void> | undefined;
  #open: (() => void) | undefined;
  #errors: Error[] = [];

  constructor(bytesPerWrite = Infinity) {
    this.#bytesPerWrite = bytesPerWrite;
  }

  get text(): string {
    return this.writes.join("");
  }

  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    this.#open = resolve;
  }

  release(): void {
    this.#gate = undefined;
    this.#open?.();
  }

  failNext(error: Error): void {
    this.#errors.push(error);
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#gate;
    const error = this.#errors.shift();
    if (error !== undefined) throw error;
    const taken = bytes.subarray(0, Math.min(this.#bytesPerWrite, bytes.byteLength));
    this.writes.push(new TextDecoder().decode(taken));
    return taken.byteLength;
  }
}

Deno.test("LineWriter.write lets lines join into one write", async () => {
  const output = new FakeOutput();
  const writer = new LineWriter(output);

  writer.write("one");
  writer.write("two");
  assertEquals(output.writes, []);
  assert(await writer.close());

  assertEquals(output.writes, ["one\ntwo\n"]);
});

Deno.test("LineWriter.write writes by itself after a while", async () => {
  const { promise: arrived, resolve } = Promise.withResolvers<Uint8Array>();
  const output = {
    write: (bytes: Uint8Array) => {
      resolve(bytes);
      return Promise.resolve(bytes.byteLength);
    },
  };
  const writer = new LineWriter(output, { delayMs: 1 });

  writer.write("one");

  assertEquals(new TextDecoder().decode(await arrived), "one\n");
  await writer.close();
});

Deno.test("LineWriter.write begins at once with an urgent line and those before it", async () => {
  const output = new FakeOutput();
  const writer = new LineWriter(output, { delayMs: 60_000 });

  writer.write("one");
  writer.write("two", { urgent: true });
  await Promise.resolve();

  assertEquals(output.text, "one\ntwo\n");
  await writer.close();
});

Deno.test("LineWriter.write begins at once when a batch is full", async () => {
  const output = new FakeOutput();
  const writer = new LineWriter(output, { delayMs: 60_000, batchLength: 8 });

  writer.write("one");
  writer.write("two");
  await Promise.resolve();

  assertEquals(output.text, "one\ntwo\n");
  await writer.close();
});

Deno.test("LineWriter.flush writes all of it where the output takes little at a time", async () => {
  const output = new FakeOutput(3);
  const writer = new LineWriter(output);

  writer.write("größer");
  writer.write("two");
  assert(await writer.flush());

  assertEquals(output.text.length, output.writes.join("").length);
  assertEquals(output.writes.length, 5);
  await writer.close();
});

Deno.test("LineWriter.flush also writes what came while it was writing", async () => {
  const output = new FakeOutput();
  const writer = new LineWriter(output);
  output.hold();
  writer.write("one", { urgent: true });
  writer.write("two");

  const flushed = writer.flush();
  output.release();
  assert(await flushed);

  assertEquals(output.text, "one\ntwo\n");
  await writer.close();
});

Deno.test("LineWriter.flush gives up on an output that takes nothing", async () => {
  const output = new FakeOutput();
  const writer = new LineWriter(output);
  output.hold();
  writer.write("one");

  assertFalse(await writer.close(1));

  output.release();
  assert(await writer.flush());
});

Deno.test("LineWriter drops what a slow reader leaves no room for, and says so", async () => {
  const output = new FakeOutput();
  const writer = new LineWriter(output, {
    maxQueuedLength: 10,
    onDropped: (lines) => `${lines} lines lost`,
  });
  output.hold();
  writer.write("first", { urgent: true });
  for (const line of ["a", "b", "c", "d", "e", "f", "g", "h"]) writer.write(line);

  output.release();
  assert(await writer.close());

  assertEquals(output.text, "first\na\nb\nc\nd\ne\n3 lines lost\n");
});

Deno.test("LineWriter waits for an output that is full for the moment", async () => {
  const output = new FakeOutput();
  const writer = new LineWriter(output);
  output.failNext(new Deno.errors.WouldBlock("full"));

  writer.write("one");
  assert(await writer.close());

  assertEquals(output.text, "one\n");
});

Deno.test("LineWriter outlives an output that broke, and counts what was lost", async () => {
  const lost: number[] = [];
  const output = new FakeOutput();
  const writer = new LineWriter(output, {
    onDropped: (lines) => {
      lost.push(lines);
      return undefined;
    },
  });
  output.failNext(new Deno.errors.BrokenPipe("gone"));

  writer.write("one");
  writer.write("two");
  await writer.flush();
  writer.write("three");
  await writer.close();

  assertEquals(lost, [2]);
  assertEquals(output.text, "three\n");
});

Deno.test("LineWriter.close lets no later line through", async () => {
  const output = new FakeOutput();
  const writer = new LineWriter(output);

  await writer.close();
  writer.write("late", { urgent: true });
  await writer.flush();

  assertEquals(output.text, "");
});
