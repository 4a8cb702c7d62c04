import { assertEquals } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { Background, type HealthFailures } from "../../src/app/background.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { configOf } from "./_config.ts";

const log = getLogger(["stowage", "test"]);

Deno.test("Background tells of health checks that begin to fail", async () => {
  const file = await Deno.makeTempFile();
  const config = configOf(
    `storage: inmemory\nhealth: { file: [{ file: "${file}", interval: 1ms }] }`,
  );
  const { promise, resolve } = Promise.withResolvers<HealthFailures>();
  const background = new Background(config, new InMemoryDriver(), { log, onFailures: resolve });

  assertEquals(await promise, { [file]: "file exists" });
  assertEquals(background.failures, { [file]: "file exists" });
  await background.close();
  await Deno.remove(file);
});

Deno.test("Background of a read-only registry purges nothing", () => {
  const config = configOf(
    "storage: { inmemory: , maintenance: { readonly: { enabled: true } } }",
  );

  // A purger that was started would leave a timer behind, which fails the test.
  new Background(config, new InMemoryDriver(), { log });
});
