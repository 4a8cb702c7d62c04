import type { LogLevel } from "@logtape/logtape";
import { assertEquals } from "@std/assert";
import type { LogHookLevel, MailHookConfig } from "../../src/config/config.ts";
import { MailHook } from "../../src/log/mail_hook.ts";
import type { Mail } from "../../src/log/send_mail.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { makeRecord } from "./_records.ts";

function configOf(levels: readonly LogHookLevel[]): MailHookConfig {
  return {
    type: "mail",
    levels,
    smtp: { addr: "mail.test:25", insecure: false },
    from: "registry@test",
    to: ["a@test"],
  };
}

/** A hook and what it sends; `answer` settles each mail. */
function start(levels: readonly LogHookLevel[], answer: () => Promise<void> = async () => {}) {
  const mails: Mail[] = [];
  const failures: unknown[] = [];
  const clock = new ManualTimers();
  const hook = new MailHook(configOf(levels), {
    send(mail) {
      mails.push(mail);
      return answer();
    },
    onFailed: (error) => failures.push(error),
    common: { "instance.id": "0190" },
    clock,
  });
  const take = (message: string, level: LogLevel = "error", fields = {}) =>
    hook.take(makeRecord(message, fields, level));
  return { hook, mails, failures, clock, take };
}

Deno.test("MailHook writes a mail as Distribution does, with the fields of the line", async () => {
  const { hook, mails, take } = start(["error"]);

  take("response completed with error", "error", {
    "err.code": "unknown",
    "http.request.host": "x",
    password: "hush",
    detail: { a: 1 },
  });
  await hook.settle();

  assertEquals(mails, [{
    from: "registry@test",
    to: ["a@test"],
    subject: "[error] mail.test: response completed with error",
    text: [
      "response completed with error",
      "",
      'detail: {"a":1}',
      "err.code: unknown",
      "http.request.host: x",
      "instance.id: 0190",
      "password: <hidden>",
    ].join("\n"),
  }]);
});

Deno.test("MailHook sends the levels that it is asked for, a failure nobody foresaw as panic", async () => {
  const lines = [
    ["debug", {}],
    ["info", {}],
    ["warning", {}],
    ["error", {}],
    ["error", { "err.stack": "Error: a bug" }],
    ["fatal", {}],
  ] as const;
  const subjects = async (levels: readonly LogHookLevel[]) => {
    const { hook, mails, take } = start(levels);
    for (const [level, fields] of lines) take("x", level, fields);
    await hook.settle();
    return mails.map(({ subject }) => subject.split(" ")[0]);
  };

  assertEquals(await subjects(["panic"]), ["[panic]"]);
  assertEquals(await subjects(["error", "fatal"]), ["[error]", "[panic]", "[fatal]"]);
  assertEquals(await subjects(["debug", "info", "warn"]), ["[debug]", "[info]", "[warn]"]);
  assertEquals(await subjects([]), []);
});

Deno.test("MailHook sends one mail at a time, in order, and goes on after a failure", async () => {
  let answers = 0;
  const { hook, mails, failures, take } = start(["error"], () => {
    answers++;
    return answers === 1 ? Promise.reject(new Error("no server")) : Promise.resolve();
  });

  take("first");
  take("second");
  assertEquals(mails.length, 1);
  await hook.settle();

  assertEquals(mails.map(({ subject }) => subject.slice(-6)), [" first", "second"]);
  assertEquals(failures.map(String), ["Error: no server"]);
});

Deno.test("MailHook sends no flood of mails, and says what it left out", async () => {
  const { hook, mails, clock, take } = start(["error"]);

  for (let n = 0; n < 25; n++) take(`line ${n}`);
  await hook.settle();
  assertEquals(mails.length, 10);
  await clock.pass(60_000);
  take("later");
  await hook.settle();

  assertEquals(mails.length, 11);
  const last = mails.at(-1)?.text.split("\n") ?? [];
  assertEquals([last[0], last.at(-1)], ["later", "15 further lines were not sent by mail."]);
});
