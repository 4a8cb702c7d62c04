import { assertEquals, assertRejects } from "@std/assert";
import { buildAccess, prepareAccess } from "../../src/app/build_access.ts";
import { ConfigError } from "../../src/config/error.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { LogRecorder } from "../auth/_log.ts";
import { TempFolder } from "../support/temp.ts";
import { configOf } from "./_config.ts";

const driver = guardDriver(new InMemoryDriver());

Deno.test("buildAccess builds what the section says, and nothing without it", async () => {
  const { log } = new LogRecorder();
  const silly = configOf("storage: inmemory\nauth: { silly: { realm: r, service: s } }");

  assertEquals(await buildAccess(configOf("storage: inmemory"), { log, driver }), undefined);
  const access = await buildAccess(silly, { log, driver });
  assertEquals(typeof access?.authorize, "function");
  access?.close();
});

Deno.test("prepareAccess makes the file of users that is not there", async () => {
  await using temp = await TempFolder.make();
  const path = temp.join("users");
  const { log, lines } = new LogRecorder();

  const config = configOf(`storage: inmemory\nauth: { htpasswd: { realm: r, path: ${path} } }`);
  await prepareAccess(config, { log, driver });
  await prepareAccess(config, { log, driver });

  assertEquals([(await Deno.stat(path)).isFile, lines.length], [true, 1]);
});

Deno.test("prepareAccess names the key whose file cannot be used", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("users", "nobody");
  const { log } = new LogRecorder();

  for (const [file, found] of [[path, "line 1"], [`${path}/below`, "Not a directory"]] as const) {
    const config = configOf(`storage: inmemory\nauth: { htpasswd: { realm: r, path: ${file} } }`);
    const error: ConfigError = await assertRejects(
      () => prepareAccess(config, { log, driver }),
      ConfigError,
    );
    assertEquals(error.problems.map((problem) => problem.path), ["auth.htpasswd"]);
    assertEquals(error.problems[0]?.found.includes(found), true, error.problems[0]?.found);
  }
});

Deno.test("buildAccess keeps the keys of the token service beside the data, for nobody else", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("access.yml", "");
  const { log } = new LogRecorder();
  const auth = `auth: { stowage: { path: ${path} } }`;
  const storage = `storage: { filesystem: { rootdirectory: ${temp.join("data")} } }`;

  for (const text of [storage, "storage: inmemory"]) {
    await prepareAccess(configOf(`${text}\n${auth}`), { log, driver });
  }

  assertEquals(((await Deno.stat(temp.join("data/stowage/keys"))).mode ?? 0) & 0o777, 0o700);
  assertEquals((await driver.list("/stowage/keys")).length, 1);
});
