import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf, warningsOf } from "../_loading.ts";

function hooks(text: string): string {
  return `${BASE}log: {hooks: [${text}]}`;
}

Deno.test("resolveLog reads every key", () => {
  const { log } = configOf(`${BASE}
log:
  level: WARN
  formatter: logstash
  fields: {service: registry, number: 1, flag: true}
  reportcaller: on
  accesslog: {disabled: true}
`);
  assertEquals(log, {
    level: "warn",
    formatter: "logstash",
    fields: { service: "registry", number: 1, flag: true },
    reportCaller: true,
    accessLog: { disabled: true },
    hooks: [],
  });
});

Deno.test("resolveLog refuses unknown levels and formatters", () => {
  assertEquals(problemsOf(`${BASE}log: {level: trace, formatter: xml}`), [
    'log.level: Give "error", "warn", "info" or "debug", not "trace"',
    'log.formatter: Give "text", "json" or "logstash", not "xml"',
  ]);
});

Deno.test("resolveLog reads mail hooks", () => {
  const text = hooks(`{
    type: mail, levels: [panic, Warning],
    options: {smtp: {addr: "m:25", username: u, password: 0123, insecure: true}, from: a@b, to: [c@d]}
  }`);
  assertEquals(configOf(text).log.hooks, [{
    type: "mail",
    levels: ["panic", "warn"],
    smtp: { addr: "m:25", username: "u", password: "0123", insecure: true },
    from: "a@b",
    to: ["c@d"],
  }]);
});

Deno.test("resolveLog leaves out hooks that are disabled, or do nothing in Distribution", () => {
  assertEquals(configOf(hooks("{type: mail, disabled: true}")).log.hooks, []);
  assertEquals(warningsOf(hooks("{type: mail, disabled: true}")), []);
  assertEquals(warningsOf(hooks("{type: slack}, {type: mail, options: {smtp: {addr: m}}}")), [
    "log.hooks[0].type: Ignoring the hook: only mail hooks do something",
    "log.hooks[1].options.smtp.addr: Ignoring the hook: it cannot send without the address of a " +
    "mail server",
  ]);
});

Deno.test("resolveLog reads an unknown level of a hook as panic, as Distribution does", () => {
  const text = hooks('{type: mail, levels: [oops], options: {smtp: {addr: "m:25"}}}');
  assertEquals(configOf(text).log.hooks[0]?.levels, ["panic"]);
  assertEquals(warningsOf(text), [
    'log.hooks[0].levels[0]: Correct the level: an unknown one is read as "panic"',
  ]);
});
