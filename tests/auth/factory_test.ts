import { assertEquals, assertRejects } from "@std/assert";
import { hashSync } from "bcryptjs";
import { AuthError } from "../../src/auth/errors.ts";
import { createAccessController } from "../../src/auth/factory.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { LogRecorder } from "./_log.ts";
import { asking, basic } from "./_requests.ts";

function surroundings() {
  const timers = new ManualTimers(1_000_000);
  return { log: new LogRecorder().log, clock: timers, timers };
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
