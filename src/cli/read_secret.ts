import { toBytes, toText } from "../base/bytes.ts";
import type { LineOutput } from "../log/line_writer.ts";

/** Where a secret is typed or comes from; `Deno.stdin` is one. */
export interface SecretInput {
  read(buffer: Uint8Array): Promise<number | null>;
  isTerminal(): boolean;
  setRaw(isRaw: boolean): void;
}

/** Options of {@linkcode readSecret}. */
export interface ReadSecretOptions {
  /** What is asked on a terminal. */
  readonly question: string;
  /** Where it is asked. */
  readonly output: LineOutput;
}

const ENTER = /[\r\n]/;
const BACKSPACES = ["\x7f", "\b"];
/** Ctrl-C, Ctrl-D and Escape. */
const GIVE_UP = ["\x03", "\x04", "\x1b"];

/**
 * Reads a secret: on a terminal without showing it, from anything else the first line.
 *
 * @returns `undefined` where there is none, or whoever types gives up
 */
export async function readSecret(
  input: SecretInput,
  { question, output }: ReadSecretOptions,
): Promise<string | undefined> {
  if (!input.isTerminal()) return await readLine(input);
  await output.write(toBytes(question));
  input.setRaw(true);
  try {
    return await readTyped(input);
  } finally {
    input.setRaw(false);
    await output.write(toBytes("\n"));
  }
}

async function readLine(input: SecretInput): Promise<string | undefined> {
  const pieces: number[] = [];
  const buffer = new Uint8Array(1024);
  for (;;) {
    const length = await input.read(buffer);
    const read = buffer.subarray(0, length ?? 0);
    const end = read.indexOf(0x0a);
    pieces.push(...end < 0 ? read : read.subarray(0, end));
    if (end < 0 && length !== null) continue;
    if (end < 0 && pieces.length === 0) return undefined;
    return toText(new Uint8Array(pieces)).replace(/\r$/, "");
  }
}

async function readTyped(input: SecretInput): Promise<string | undefined> {
  const typed: string[] = [];
  const buffer = new Uint8Array(1024);
  const decoder = new TextDecoder();
  for (;;) {
    const length = await input.read(buffer);
    if (length === null) return undefined;
    for (const key of decoder.decode(buffer.subarray(0, length), { stream: true })) {
      if (ENTER.test(key)) return typed.join("");
      if (GIVE_UP.includes(key)) return undefined;
      if (BACKSPACES.includes(key)) typed.pop();
      else typed.push(key);
    }
  }
}
