import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import * as z from "zod";
import { ConfigError } from "../../src/config/error.ts";
import { fullExample } from "../../src/config/example_file.ts";
import { configJsonSchema } from "../../src/config/json_schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { rootSection } from "../../src/config/root.ts";
import { listKeys } from "../../src/config/shape.ts";
import { BASE, configOf } from "./_loading.ts";

const FOLDER = new URL("../../deploy/config/", import.meta.url);
const SCHEMA_LINE = "# yaml-language-server: $schema=../../docs/config.schema.json";

async function examples(): Promise<{ name: string; text: string }[]> {
  const found: { name: string; text: string }[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.endsWith(".yml")) continue;
    found.push({ name, text: await Deno.readTextFile(new URL(name, FOLDER)) });
  }
  return found;
}

/** The file with every key switched on; of drivers and types of auth there are then too many. */
function switchedOn(text: string): string {
  return text.replaceAll(/^( *)#(?! |$)/gm, "$1");
}

Deno.test("every example loads without a warning, and names the schema", async () => {
  const found = await examples();
  assert(found.length >= 10);
  for (const { name, text } of found) {
    assertEquals(text.split("\n")[0], SCHEMA_LINE, name);
    const { warnings } = loadConfig({ text, fileName: name });
    assertEquals(warnings, [], name);
  }
});

Deno.test("every example fits the JSON Schema", async () => {
  const schema = z.fromJSONSchema(configJsonSchema());
  for (const { name, text } of await examples()) {
    const result = schema.safeParse((parse as (yaml: string) => unknown)(text));
    assertEquals(result.error?.issues ?? [], [], name);
  }
});

Deno.test("fullExample sets nothing but a folder", () => {
  const { storage, ...rest } = configOf(fullExample());
  const { storage: plain, ...others } = configOf(BASE);
  assertEquals(rest, others);
  assertEquals({ ...storage, driver: plain.driver }, plain);
  assertEquals(storage.driver.name, "filesystem");
});

Deno.test("fullExample has every key that is not obsolete", () => {
  const keys = new Set(
    fullExample().split("\n").map((line) => line.trim().replace(/^#?-? */, "").split(":")[0]),
  );
  for (const { path, obsolete } of listKeys(rootSection.shape)) {
    const key = path.split(".").at(-1) ?? "";
    if (obsolete || path.startsWith("storage.s3aws") || /[\]>]$/.test(key)) continue;
    assert(keys.has(key), path);
  }
});

Deno.test("fullExample is made of keys that the loader knows, at their defaults", () => {
  const text = switchedOn(fullExample());
  try {
    loadConfig({ text, fileName: "full.yml" });
    throw new Error("all drivers at once were taken");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    assertEquals(error.warnings.filter(({ message }) => /unknown|nanoseconds/.test(message)), []);
    const kinds = error.problems.map(({ message }) => message.split(/[ :]/, 1)[0]);
    assertEquals(new Set(kinds), new Set(["Add", "Provide"]));
  }
});
