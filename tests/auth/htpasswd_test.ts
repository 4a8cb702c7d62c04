import { assertEquals, assertRejects } from "@std/assert";
import { hashSync } from "bcryptjs";
import { AuthError } from "../../src/auth/errors.ts";
import { createHtpasswdController } from "../../src/auth/htpasswd.ts";
import { parseHtpasswd } from "../../src/auth/htpasswd_file.ts";
import { PasswordChecker } from "../../src/auth/password_checker.ts";
import { PasswordThread } from "../../src/auth/password_thread.ts";
import { WatchedFile } from "../../src/auth/watched_file.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { LogRecorder } from "./_log.ts";
import { asking, basic, refusal, right } from "./_requests.ts";

const PASSWORDS = { alice: "Alice's", "Владимир": "пароль ünï", colon: "a:b" } as const;

async function makeController(temp: TempFolder) {
  const lines = Object.entries(PASSWORDS).map(([name, word]) => `${name}:${hashSync(word, 4)}`);
  const path = await temp.write("htpasswd", [...lines, "plain:plain", "sha:{SHA}x"].join("\n"));
  const timers = new ManualTimers(1_000_000);
  const comparer = new PasswordThread({ log: new LogRecorder().log });
  const users = new WatchedFile(path, { parse: parseHtpasswd, clock: timers });
  const passwords = new PasswordChecker({ comparer, clock: timers, timers });
  return { timers, controller: createHtpasswdController({ realm: "the realm", users, passwords }) };
}

Deno.test("createHtpasswdController lets in whoever knows a password, in any script", async () => {
  await using temp = await TempFolder.make();
  const { controller } = await makeController(temp);

  for (const [userName, password] of Object.entries(PASSWORDS)) {
    const asked = asking({ authorization: basic(userName, password) });
    assertEquals(await controller.authorize(asked), { userName });
    // The second time nothing has to be waited for.
    assertEquals(controller.authorize(asked), { userName });
  }
  controller.close();
});

Deno.test("createHtpasswdController refuses everybody else with the same words", async () => {
  await using temp = await TempFolder.make();
  const { controller } = await makeController(temp);
  const access = [right("a", "pull")];
  const cases = [
    [undefined, "credentials missing"],
    ["Basic", "credentials malformed"],
    ["Bearer abc", "credentials malformed"],
    [basic("alice", "wrong"), "password wrong"],
    [basic("alice", ""), "password wrong"],
    [basic("plain", "plain"), "password wrong"],
    [basic("nobody", "Alice's"), "user unknown"],
  ] as const;

  for (const [authorization, reason] of cases) {
    const address = `198.51.100.${cases.findIndex(([other]) => other === authorization)}`;
    const asked = asking({
      access,
      address,
      ...authorization === undefined ? {} : { authorization },
    });
    assertEquals(await refusal(controller, asked), {
      code: "unauthorized",
      reason,
      challenge: 'Basic realm="the realm"',
      access,
    });
  }
  controller.close();
});

Deno.test("createHtpasswdController reads the file again, and lets nobody in while it cannot", async () => {
  await using temp = await TempFolder.make();
  const { controller, timers } = await makeController(temp);
  const alice = asking({ authorization: basic("alice", "Alice's") });
  await controller.authorize(alice);

  await temp.write("htpasswd", `alice:${hashSync("new", 4)}\n`);
  await timers.pass(1000);
  assertEquals((await refusal(controller, alice)).reason, "password wrong");
  const renewed = asking({ authorization: basic("alice", "new") });
  assertEquals(await controller.authorize(renewed), { userName: "alice" });

  await temp.write("htpasswd", "alice");
  await timers.pass(1000);
  const error = await assertRejects(
    () => Promise.resolve(controller.authorize(renewed)),
    AuthError,
  );
  assertEquals(error.code, "unavailable");
  controller.close();
});
