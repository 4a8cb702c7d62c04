import { assertEquals, AssertionError } from "@std/assert";
import { toBytes, toText } from "../../src/base/bytes.ts";
import {
  DriverError,
  type DriverErrorCode,
  type FileWriter,
  type ReadOptions,
  type StorageDriver,
} from "../../src/drivers/driver.ts";

/** Tries one promise of the contract on a driver that holds nothing yet. */
export type DriverCase = (driver: StorageDriver) => Promise<void>;

/** Checks that `call` fails with a driver's error of this code, and gives the error. */
export async function assertFails(
  call: Promise<unknown>,
  code: DriverErrorCode,
): Promise<DriverError> {
  const error: unknown = await call.then(() => undefined, (error) => error);
  if (!(error instanceof DriverError)) throw new AssertionError(`Expected "${code}": ${error}`);
  assertEquals(error.code, code);
  return error;
}

/** Puts text at each path; the text is the path itself. */
export async function putPaths(driver: StorageDriver, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) await driver.putContent(path, toBytes(path));
}

/** The content of a file as text. */
export async function textAt(driver: StorageDriver, path: string): Promise<string> {
  return toText(await driver.getContent(path));
}

/** All bytes that a stream of the file gives. */
export async function readAll(
  driver: StorageDriver,
  path: string,
  part?: ReadOptions,
): Promise<Uint8Array> {
  return await collect(await driver.reader(path, part));
}

/** All bytes that a stream has left. */
export async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer(),
  );
}

/** Writes chunks behind what a file has, then commits. */
export async function append(
  driver: StorageDriver,
  path: string,
  ...chunks: readonly Uint8Array[]
): Promise<void> {
  const writer = await driver.writer(path, { append: true });
  for (const chunk of chunks) await writer.write(chunk);
  await publish(writer);
}

/** Makes what was written the file, and lets it go. */
export async function publish(writer: FileWriter): Promise<void> {
  await writer.commit();
  await writer.close();
}
