import { assertEquals, assertRejects } from "@std/assert";
import { AcmeStore } from "../../src/server/acme_store.ts";
import { readTlsFiles } from "../../src/server/tls_files.ts";
import { TempFolder } from "../support/temp.ts";
import { CERTIFICATE, KEY } from "./_certificates.ts";

Deno.test("AcmeStore keeps nothing until it is told to, and then for its owner alone", async () => {
  await using temp = await TempFolder.make();
  const store = new AcmeStore(temp.join("acme/cache"));

  assertEquals(await store.accountKey(), undefined);
  assertEquals(await store.certificate(), undefined);
  await store.saveAccountKey("a key");

  assertEquals(await store.accountKey(), "a key");
  const { mode } = await Deno.stat(temp.join("acme/cache/acme_account+key"));
  assertEquals((mode ?? 0) & 0o777, 0o600);
});

Deno.test("AcmeStore keeps certificate and key as a server reads them", async () => {
  await using temp = await TempFolder.make();
  const store = new AcmeStore(temp.path);

  await store.saveIdentity({ cert: CERTIFICATE, key: KEY });

  const { cert, key } = await readTlsFiles(store.files);
  assertEquals(cert, key);
  assertEquals(cert.includes(CERTIFICATE.trim()) && key.includes(KEY.trim()), true);
});

Deno.test("AcmeStore keeps what an authority is told, as long as that is needed", async () => {
  await using temp = await TempFolder.make();
  const store = new AcmeStore(temp.path);

  await store.saveChallenge("to_ken-1", "to_ken-1.thumb");
  assertEquals(await store.challenge("to_ken-1"), "to_ken-1.thumb");
  await store.removeChallenge("to_ken-1");
  await store.removeChallenge("to_ken-1");

  assertEquals(await store.challenge("to_ken-1"), undefined);
});

Deno.test("AcmeStore gives no other file away", async () => {
  await using temp = await TempFolder.make();
  const store = new AcmeStore(temp.path);
  await store.saveAccountKey("secret");
  await temp.write("x+http-01", "secret");

  for (const token of ["acme_account+key", "../x", "x/../x", "", "x\0", "x".repeat(300)]) {
    assertEquals(await store.challenge(token), undefined, token);
  }
  await assertRejects(() => store.saveChallenge("../x", "y"), TypeError);
});
