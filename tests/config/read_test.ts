import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError } from "../../src/config/error.ts";
import { readConfig } from "../../src/config/read.ts";

async function withFile(text: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(path, text);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(run, ConfigError)).code;
}

Deno.test("readConfig reads the file that it is told, with the environment over it", async () => {
  await withFile("version: 0.1\nstorage: inmemory\n", async (path) => {
    const env = { REGISTRY_HTTP_ADDR: ":1", REGISTRY_CONFIGURATION_PATH: "/elsewhere" };
    const { config, sources } = await readConfig({ path, env });
    assertEquals(config.http.addr, ":1");
    assertEquals(sources.get("version"), { kind: "file", fileName: path, line: 1 });
  });
});

Deno.test("readConfig reads the file that the environment names", async () => {
  await withFile("version: 0.1\nstorage: inmemory\n", async (path) => {
    const { config } = await readConfig({ env: { REGISTRY_CONFIGURATION_PATH: path } });
    assertEquals(config.storage.driver.name, "inmemory");
  });
});

Deno.test("readConfig is set up for development without a file", async () => {
  for (const env of [{}, { REGISTRY_CONFIGURATION_PATH: "" }]) {
    assertEquals((await readConfig({ env })).config.http.addr, "127.0.0.1:5000");
  }
});

Deno.test("readConfig demands a file where there must be one", async () => {
  const error = await assertRejects(() => readConfig({ env: {}, required: true }), ConfigError);
  assertEquals(error.code, "unspecified");
  assertEquals(error.message.endsWith("configuration path unspecified"), true);
});

Deno.test("readConfig tells of a file that is missing, and of a folder", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/none.yml`;
  try {
    assertEquals(await codeOf(() => readConfig({ path, env: {} })), "unreadable");
    assertEquals(await codeOf(() => readConfig({ path: folder, env: {} })), "unreadable");
    const env = { REGISTRY_CONFIGURATION_PATH: path };
    const error = await assertRejects(() => readConfig({ env }), ConfigError);
    assertEquals(error.message, `Name a configuration file that can be read: "${path}" is missing`);
    assertEquals(error.problems[0]?.source, {
      kind: "environment",
      name: "REGISTRY_CONFIGURATION_PATH",
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readConfig tells what is wrong in a file", async () => {
  await withFile("version: 0.1\n", async (path) => {
    assertEquals(await codeOf(() => readConfig({ path, env: {} })), "invalid");
  });
});
