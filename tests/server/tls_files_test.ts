import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ServerError } from "../../src/server/error.ts";
import { readTlsFiles, tlsRefused } from "../../src/server/tls_files.ts";
import { TempFolder } from "../support/temp.ts";
import { CERTIFICATE, ENCRYPTED_KEY, KEY } from "./_certificates.ts";

/** Reads files with these contents, and gives the error that comes of it. */
async function problemOf(certificate: string, key: string): Promise<ServerError> {
  await using folder = await TempFolder.make();
  const files = {
    certificate: await folder.write("tls.crt", certificate),
    key: await folder.write("tls.key", key),
  };
  return await assertRejects(() => readTlsFiles(files), ServerError) as ServerError;
}

Deno.test("readTlsFiles reads a certificate and its key", async () => {
  await using folder = await TempFolder.make();
  const files = {
    certificate: await folder.write("tls.crt", CERTIFICATE),
    key: await folder.write("tls.key", KEY),
  };

  assertEquals(await readTlsFiles(files), { cert: CERTIFICATE, key: KEY });
});

Deno.test("readTlsFiles names the key of the configuration and the missing file", async () => {
  const files = { certificate: "/nowhere/tls.crt", key: "/nowhere/tls.key" };

  const error = await assertRejects(() => readTlsFiles(files), ServerError) as ServerError;

  assertEquals(error.code, "tls_unreadable");
  assertEquals(
    error.message,
    'Cannot read http.tls.certificate "/nowhere/tls.crt": there is no such file',
  );
});

Deno.test("readTlsFiles tells what a file holds instead", async () => {
  const swapped = await problemOf(KEY, CERTIFICATE);
  const noKey = await problemOf(CERTIFICATE, CERTIFICATE);
  const encrypted = await problemOf(CERTIFICATE, ENCRYPTED_KEY);

  assertEquals([swapped.code, noKey.code, encrypted.code], Array(3).fill("tls_invalid"));
  assertStringIncludes(swapped.message, "http.tls.certificate");
  assertStringIncludes(noKey.message, "no private key");
  assertStringIncludes(encrypted.message, "encrypted");
});

Deno.test("tlsRefused explains a key that belongs to another certificate", () => {
  const files = { certificate: "a.crt", key: "b.key" };
  const error = tlsRefused(files, new Error("keys may not be consistent: KeyMismatch"));

  assertEquals(
    error.message,
    'Cannot use http.tls.certificate "a.crt" and http.tls.key "b.key": ' +
      "they do not belong together",
  );
});
