import { getLogger } from "@logtape/logtape";
import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import type { MailHookConfig } from "../../src/config/config.ts";
import {
  configureLogging,
  LOG_LEVELS,
  type LoggingOptions,
  type LogLevelName,
} from "../../src/log/configure.ts";
import { MailServer } from "./_mail_server.ts";

/** Runs `use` with a log and gives back what it wrote. */
async function capture(
  options: LoggingOptions,
  use: (log: ReturnType<typeof getLogger>) => void,
): Promise<string> {
  let text = "";
  const output = {
    write: (bytes: Uint8Array) => {
      text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.byteLength);
    },
  };
  const logging = configureLogging({ ...options, output });
  use(logging.log);
  assert(await logging.close());
  return text;
}

Deno.test("configureLogging puts the fields of process, file, logger and line together", async () => {
  const options = {
    formatter: "json",
    version: "0.1.0",
    instanceId: "0190",
    fields: { env: "prod", zone: "a" },
  } as const;
  const text = await capture(options, (log) => {
    log.with({ "vars.name": "a/b", zone: "b" }).info("response completed", { status: 200 });
  });

  const { time, ...rest } = JSON.parse(text);
  assert(Number.isFinite(Date.parse(time)));
  assertEquals(rest, {
    level: "info",
    msg: "response completed",
    env: "prod",
    "instance.id": "0190",
    status: 200,
    "vars.name": "a/b",
    version: "0.1.0",
    zone: "b",
  });
});

Deno.test("configureLogging writes each level and those above it", async () => {
  const levels = Object.keys(LOG_LEVELS) as LogLevelName[];
  const written: Record<string, number> = {};
  for (const level of levels) {
    const text = await capture({ level }, (log) => {
      for (const name of ["trace", "debug", "info", "warn", "error", "fatal"] as const) {
        log[name]("x");
      }
    });
    written[level] = text.trimEnd().split("\n").length;
  }

  assertEquals(written, { error: 2, warn: 3, info: 4, debug: 5 });
});

Deno.test("configureLogging reaches loggers below the program's own", async () => {
  const text = await capture({}, () => getLogger(["stowage", "storage"]).warn("lost"));

  assertMatch(text, /^time="[^"]+" level=warning msg=lost\n$/);
});

Deno.test("configureLogging writes the short form on a terminal, for text only", async () => {
  const short = await capture({ terminal: true }, (log) => log.info("hello"));
  const json = await capture({ terminal: true, formatter: "json" }, (log) => log.info("hello"));

  assertMatch(short, /INFO.*\[\d\d:\d\d:\d\d\.\d{3}\] hello\n$/);
  assertEquals(JSON.parse(json).msg, "hello");
});

Deno.test("configureLogging tells the caller only where it is asked to", async () => {
  const without = await capture({}, (log) => log.info("hello"));
  const withCaller = await capture({ reportCaller: true }, (log) => log.info("hello"));

  assertFalse(without.includes("file="));
  assertMatch(withCaller, / file="[^"]*configure_test\.ts:\d+"\n$/);
});

Deno.test("configureLogging writes a bare error with its message", async () => {
  const text = await capture({}, (log) => log.error(new Error("disk on fire")));

  assertMatch(text, / level=error msg="disk on fire" /);
});

/** A hook for errors, to a mail server. */
function hookTo(addr: string): MailHookConfig {
  const smtp = { addr, insecure: false };
  return { type: "mail", levels: ["error", "warn"], smtp, from: "r@test", to: ["a@test"] };
}

Deno.test("configureLogging sends lines by mail, and waits for the mails at its end", async () => {
  await using server = await MailServer.start();

  await capture({ hooks: [hookTo(server.addr)], version: "0.1.0" }, (log) => {
    log.info("not this");
    log.error("this", { "vars.name": "a/b" });
  });

  assertEquals(server.mails.map(({ text }) => text), ["this\n\nvars.name: a/b\nversion: 0.1.0"]);
});

Deno.test("configureLogging logs a mail that was not sent, and sends no mail about it", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();

  const text = await capture({ hooks: [hookTo(`127.0.0.1:${port}`)] }, (log) => log.error("this"));

  assertEquals(text.match(/ msg="[^"]*"/g), [' msg="could not send a line by mail"']);
  assertMatch(text, / level=error msg=this\n/);
});

Deno.test("configureLogging makes nobody wait for a mail server that says nothing", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connected = listener.accept();
  const hooks = [hookTo(`127.0.0.1:${listener.addr.port}`)];
  const logging = configureLogging({ hooks, output: { write: (b) => Promise.resolve(b.length) } });

  logging.log.error("this");
  using connection = await connected;
  // The mail is on its way for ever, and the log goes on and ends.
  logging.log.error("that");

  assert(await logging.flush());
  assert(await logging.close(1));
  connection.close();
});
