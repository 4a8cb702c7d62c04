import { assertEquals } from "@std/assert";
import { readSecret, type SecretInput } from "../../src/cli/read_secret.ts";
import { FakeOutput } from "./_fake_surroundings.ts";

/** An input that gives these pieces, and then ends. */
class FakeInput implements SecretInput {
  readonly #pieces: Uint8Array[];
  readonly #isTerminal: boolean;
  readonly raw: boolean[] = [];

  constructor(pieces: readonly (string | Uint8Array)[], isTerminal: boolean) {
    const encoder = new TextEncoder();
    this.#pieces = pieces.map((piece) => typeof piece === "string" ? encoder.encode(piece) : piece);
    this.#isTerminal = isTerminal;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    const piece = this.#pieces.shift();
    if (piece !== undefined) buffer.set(piece);
    return Promise.resolve(piece?.byteLength ?? null);
  }

  isTerminal(): boolean {
    return this.#isTerminal;
  }

  setRaw(isRaw: boolean): void {
    this.raw.push(isRaw);
  }
}

Deno.test("readSecret reads the first line of what is no terminal", async () => {
  const cases: readonly (readonly [readonly string[], string | undefined])[] = [
    [["secret\n"], "secret"],
    [["sec", "ret\nmore\n"], "secret"],
    [["secret\r\n"], "secret"],
    [["secret"], "secret"],
    [["\n"], ""],
    [[], undefined],
  ];
  for (const [pieces, expected] of cases) {
    const output = new FakeOutput();
    const input = new FakeInput(pieces, false);
    assertEquals(await readSecret(input, { question: "? ", output }), expected);
    assertEquals([output.text, input.raw], ["", []]);
  }
});

Deno.test("readSecret shows nothing of what is typed", async () => {
  const euro = new TextEncoder().encode("€");
  const cases: readonly (readonly [readonly (string | Uint8Array)[], string | undefined])[] = [
    [["s", "e", "x", "\x7f", "c", "\r"], "sec"],
    [["\b\b", "ab", "\b\r"], "a"],
    [[euro.subarray(0, 1), euro.subarray(1), "\n"], "€"],
    [["abc", "\x03"], undefined],
    [["abc"], undefined],
  ];
  for (const [pieces, expected] of cases) {
    const output = new FakeOutput();
    const input = new FakeInput(pieces, true);
    assertEquals(await readSecret(input, { question: "Password: ", output }), expected);
    assertEquals([output.text, input.raw], ["Password: \n", [true, false]]);
  }
});
