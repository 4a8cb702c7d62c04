import { byteStream, chunkSource } from "../byte_stream.ts";
import { DriverError } from "../driver.ts";
import { NAME, readFailure } from "./failures.ts";
import { Pace } from "./_pace.ts";

/** Up to so many bytes are read at once: to wait for them would cost more than to have them. */
const SMALL_BYTES = 64 * 1024;

/** Which file is read, and which part of it. */
export interface FilePart {
  /** The path that errors name. */
  readonly path: string;
  /** Where the file is on the machine. */
  readonly location: string;
  readonly offset: number;
  /** At most so many bytes. */
  readonly length: number;
}

/**
 * Opens a file and gives a stream of its bytes, those that it has now: what happens to its name
 * afterwards does not matter.
 */
export function openReader(part: FilePart): ReadableStream<Uint8Array<ArrayBuffer>> {
  const file = Deno.openSync(part.location);
  try {
    const sizeBytes = seek(file, part);
    if (sizeBytes > SMALL_BYTES) return streamFile(file, { path: part.path, sizeBytes });
    const content = fill(new Uint8Array(sizeBytes), file);
    if (content.byteLength < sizeBytes) failShort();
    file.close();
    return byteStream(chunkSource([content]), sizeBytes);
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

/** Goes to the first byte of a part; gives how many bytes it has. */
function seek(file: Deno.FsFile, { path, offset, length }: FilePart): number {
  const { isDirectory, size } = file.statSync();
  if (isDirectory) throw new DriverError("path_not_found", { driver: NAME, path });
  if (offset > 0) file.seekSync(offset, Deno.SeekMode.Start);
  return Math.min(length, Math.max(0, size - offset));
}

function streamFile(
  file: Deno.FsFile,
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pace = new Pace();
  async function read(view: Uint8Array<ArrayBuffer>): Promise<number> {
    try {
      const count = await pace.measure(
        pace.isQuick ? () => file.readSync(view) : () => file.read(view),
      );
      return count ?? failShort();
    } catch (error) {
      throw readFailure(error, path);
    }
  }
  return byteStream({ read, close: () => file.close() }, sizeBytes);
}

/** Reads until the buffer is full or the file ends; gives the part that was filled. */
function fill(buffer: Uint8Array<ArrayBuffer>, file: Deno.FsFile): Uint8Array<ArrayBuffer> {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const count = file.readSync(buffer.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** Whoever reads was promised as many bytes as the file had when it was opened. */
function failShort(): never {
  throw new Error("Cannot read on: the file has become shorter");
}
