import { assertEquals, assertRejects } from "@std/assert";
import { makeStowageController } from "../../src/auth/make_stowage.ts";
import { AuthError } from "../../src/auth/errors.ts";
import { PasswordChecker } from "../../src/auth/password_checker.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { MemoryKeyFolder } from "./_keys.ts";
import { LogRecorder } from "./_log.ts";
import { asking, refusal } from "./_requests.ts";
import { accessFile } from "./_stowage.ts";

const CONFIG = {
  type: "stowage",
  service: "svc",
  tokenTtlMs: 300_000,
  refreshTtlMs: 3_600_000,
  keyRotationMs: 1e12,
} as const;

function surroundings() {
  const timers = new ManualTimers(1_000_000_000_000);
  const comparer = { compare: () => Promise.resolve(false), close() {} };
  const passwords = new PasswordChecker({ comparer, clock: timers, timers });
  const keyFolder = new MemoryKeyFolder();
  return { log: new LogRecorder().log, clock: timers, passwords, keyFolder };
}

Deno.test("makeStowageController keeps its key where the configuration says", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("access.yml", accessFile());
  const keys = temp.join("keys");
  const inStorage = surroundings();
  const onDisk = surroundings();

  await makeStowageController({ ...CONFIG, path }, inStorage);
  await makeStowageController({ ...CONFIG, path, keys }, onDisk);

  assertEquals([inStorage.keyFolder.files.size, onDisk.keyFolder.files.size], [1, 0]);
  assertEquals([...Deno.readDirSync(keys)].length, 1);
});

Deno.test("makeStowageController names the realm that the configuration names", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("access.yml", accessFile());
  const realm = "https://login.test/auth/token";

  const controller = await makeStowageController({ ...CONFIG, path, realm }, surroundings());

  const { challenge } = await refusal(controller, asking());
  assertEquals(challenge, `Bearer realm="${realm}",service="svc"`);
});

Deno.test("makeStowageController refuses a file that is not what it should be", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("access.yml", "rules: 1");

  await assertRejects(() => makeStowageController({ ...CONFIG, path }, surroundings()), AuthError);
});
