import { assertEquals, assertRejects } from "@std/assert";
import { hashSync } from "bcryptjs";
import { AuthError } from "../../src/auth/errors.ts";
import { createAccessController } from "../../src/auth/factory.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { MemoryKeyFolder } from "./_keys.ts";
import { LogRecorder } from "./_log.ts";
import { NOW_MS } from "./_certificates.ts";
import { asking, basic } from "./_requests.ts";
import { GOOD_CLAIMS, ISSUER, namedKey, SERVICE, signToken } from "./_tokens.ts";

function surroundings() {
  const timers = new ManualTimers(1_000_000);
  return { log: new LogRecorder().log, clock: timers, timers, keyFolder: new MemoryKeyFolder() };
}

Deno.test("createAccessController makes no controller for nobody", async () => {
  assertEquals(await createAccessController({ type: "none" }, surroundings()), undefined);
});

Deno.test("createAccessController makes silly", async () => {
  const config = { type: "silly", realm: "r", service: "s" } as const;
  const controller = await createAccessController(config, surroundings());

  assertEquals(await controller?.authorize(asking({ authorization: "x" })), { userName: "silly" });
  controller?.close();
});

Deno.test("createAccessController makes htpasswd, with a file of users or a new one", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("users", `alice:${hashSync("secret", 4)}`);
  const config = { type: "htpasswd", realm: "r" } as const;
  const controller = await createAccessController({ ...config, path }, surroundings());
  const fresh = await createAccessController({ ...config, path: temp.join("new") }, surroundings());

  const asked = asking({ authorization: basic("alice", "secret") });
  assertEquals(await controller?.authorize(asked), { userName: "alice" });
  assertEquals((await Deno.stat(temp.join("new"))).isFile, true);
  controller?.close();
  fresh?.close();
});

Deno.test("createAccessController says which line of the file of users is wrong", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("users", "alice");

  await assertRejects(
    () => createAccessController({ type: "htpasswd", realm: "r", path }, surroundings()),
    AuthError,
    "line 1",
  );
});

Deno.test("createAccessController makes token, with the keys of a file", async () => {
  await using temp = await TempFolder.make();
  const key = await namedKey("k");
  const jwks = await temp.write("keys.json", JSON.stringify({ keys: [key.jwk] }));
  const config = {
    type: "token",
    realm: "r",
    issuer: ISSUER,
    service: SERVICE,
    jwks,
    autoRedirect: false,
    autoRedirectPath: "/auth/token",
    signingAlgorithms: ["ES256"],
  } as const;
  const timers = new ManualTimers(NOW_MS);
  const controller = await createAccessController(config, { ...surroundings(), clock: timers });
  const token = await signToken(GOOD_CLAIMS, { key: key.privateKey, header: { kid: "k" } });

  const grant = await controller?.authorize(asking({ authorization: `Bearer ${token}` }));

  assertEquals(grant?.userName, "alice");
  controller?.close();
});

Deno.test("createAccessController makes stowage, with pages of its own", async () => {
  await using temp = await TempFolder.make();
  const config = {
    type: "stowage",
    path: await temp.write("access.yml", ""),
    service: "svc",
    tokenTtlMs: 300_000,
    refreshTtlMs: 3_600_000,
    keyRotationMs: 1e12,
  } as const;

  const controller = await createAccessController(config, surroundings());

  assertEquals([...controller?.pages?.keys() ?? []], ["/auth/token", "/auth/keys"]);
  controller?.close();
});
