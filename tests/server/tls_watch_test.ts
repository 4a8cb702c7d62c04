import { assertEquals, assertStringIncludes } from "@std/assert";
import { configureLogging } from "../../src/log/configure.ts";
import type { TlsIdentity } from "../../src/server/tls_files.ts";
import { TLS_CHECK_MS, watchTlsFiles } from "../../src/server/tls_watch.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { CERTIFICATE, KEY } from "./_certificates.ts";
import { NEXT_SERVER } from "./_client_certificates.ts";
import { LOG } from "./_server.ts";

/** Watched files in a folder; what was taken up is in `seen`. */
async function watched(folder: TempFolder, onChange?: () => void) {
  const files = {
    certificate: await folder.write("tls.crt", CERTIFICATE),
    key: await folder.write("tls.key", KEY),
  };
  const timers = new ManualTimers();
  const seen: TlsIdentity[] = [];
  const end = watchTlsFiles(files, {
    current: { cert: CERTIFICATE, key: KEY },
    onChange(identity) {
      seen.push(identity);
      onChange?.();
    },
    timers,
    log: LOG,
  });
  /** Lets the files be looked at once. */
  const look = async () => {
    await timers.pass(TLS_CHECK_MS);
    while (timers.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { seen, look, timers, end };
}

Deno.test("watchTlsFiles tells of files that hold another certificate, once", async () => {
  await using folder = await TempFolder.make();
  const { seen, look } = await watched(folder);

  await look();
  assertEquals(seen, []);
  await folder.write("tls.crt", NEXT_SERVER.cert);
  await folder.write("tls.key", NEXT_SERVER.key);
  await look();
  await look();

  assertEquals(seen, [{ cert: NEXT_SERVER.cert, key: NEXT_SERVER.key }]);
});

Deno.test("watchTlsFiles waits while only one of the files is written", async () => {
  await using folder = await TempFolder.make();
  const { seen, look } = await watched(folder);

  await folder.write("tls.crt", NEXT_SERVER.cert);
  await look();
  await folder.write("tls.key", "");
  await look();
  assertEquals(seen, []);
  await folder.write("tls.key", NEXT_SERVER.key);
  await look();

  assertEquals(seen.length, 1);
});

Deno.test("watchTlsFiles says once in the log what it cannot use", async () => {
  await using folder = await TempFolder.make();
  let lines = "";
  const output = {
    write: (bytes: Uint8Array) => {
      lines += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.byteLength);
    },
  };
  const logging = configureLogging({ output });
  const { look } = await watched(folder);

  await folder.write("tls.key", "no key");
  await look();
  await look();
  await logging.close();

  assertStringIncludes(lines, "the old one stays");
  assertStringIncludes(lines, "http.tls.key");
  assertEquals(lines.split("the old one stays").length, 2);
});

Deno.test("watchTlsFiles looks no more once it is ended", async () => {
  await using folder = await TempFolder.make();
  const { timers, end } = await watched(folder);

  end();

  assertEquals(timers.waiting, 0);
});
