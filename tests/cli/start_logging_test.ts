import { assertMatch } from "@std/assert";
import { startLogging } from "../../src/cli/start_logging.ts";
import { loadConfig } from "../../src/config/load.ts";
import { FakeOutput } from "./_fake_surroundings.ts";

Deno.test("startLogging takes level, form and fields from the configuration", async () => {
  const output = new FakeOutput();
  const { config } = loadConfig({
    text:
      "{ version: 0.1, storage: inmemory, log: { level: warn, formatter: json, fields: { a: b } } }",
  });

  const logging = startLogging(config.log, { output, instanceId: "id", terminal: false });
  logging.log.info("left out");
  logging.log.warn("written");
  await logging.close();

  assertMatch(output.text, /^\{[^\n]*"msg":"written"[^\n]*\}\n$/);
  assertMatch(output.text, /"a":"b"/);
  assertMatch(output.text, /"instance\.id":"id"/);
});
