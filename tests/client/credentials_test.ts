import { assertEquals, assertRejects } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { HelperCredentials, runHelper, staticCredentials } from "../../src/client/credentials.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";

const ANSWER = '{"ServerURL":"x","Username":"user","Secret":"secret"}';
const CREDENTIALS = { username: "user", password: "secret" };

function helper(lifetimeMs: number | undefined, answers: readonly (string | Error)[]) {
  const clock = new ManualTimers(1000);
  const asked: string[] = [];
  const source = new HelperCredentials({
    command: "docker-credential-test",
    lifetimeMs,
    clock,
    log: getLogger(["test"]),
    run(_, host) {
      asked.push(host);
      const answer = answers[Math.min(asked.length, answers.length) - 1] ?? "";
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { source, clock, asked };
}

Deno.test("staticCredentials gives the same always", async () => {
  assertEquals(await staticCredentials(CREDENTIALS).get("a"), CREDENTIALS);
  assertEquals(await staticCredentials(undefined).get("a"), undefined);
});

Deno.test("HelperCredentials keeps an answer for its lifetime", async () => {
  for (const [lifetimeMs, expected] of [[undefined, 1], [0, 3], [1500, 2]] as const) {
    const { source, clock, asked } = helper(lifetimeMs, [ANSWER]);
    for (let round = 0; round < 3; round++) {
      assertEquals(await source.get("registry.test:5000"), CREDENTIALS);
      await clock.pass(1000);
    }
    assertEquals(asked.length, expected, String(lifetimeMs));
    assertEquals(asked[0], "registry.test:5000");
  }
});

Deno.test("HelperCredentials runs the helper once for all who ask at the same time", async () => {
  const { source, asked } = helper(0, [ANSWER]);
  await Promise.all([source.get("a"), source.get("a"), source.get("a")]);
  assertEquals(asked.length, 1);
});

Deno.test("HelperCredentials asks as nobody when the helper fails, and tries again", async () => {
  const answers = [new Error("failed"), "no json", '{"Username":"user"}', "null", ANSWER];
  const { source } = helper(undefined, answers);
  for (let round = 0; round < 4; round++) assertEquals(await source.get("a"), undefined);
  assertEquals(await source.get("a"), CREDENTIALS);
});

Deno.test({
  name: "runHelper hands the host to the program `get`, and fails when it fails",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using temp = await TempFolder.make();
    const program = await temp.write("helper", '#!/bin/sh\nread -r host\necho "$1 $host"\n');
    const failing = await temp.write("failing", "#!/bin/sh\ncat >/dev/null\nexit 3\n");
    for (const path of [program, failing]) await Deno.chmod(path, 0o755);
    assertEquals(await runHelper(program, "registry.test\n"), "get registry.test\n");
    await assertRejects(() => runHelper(failing, "a"), Error, "it ended with code 3");
  },
});
