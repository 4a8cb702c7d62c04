import { assertEquals } from "@std/assert";
import type { StorageDriverConfig } from "../../../src/config/config.ts";
import { configOf, problemsOf } from "../_loading.ts";

function file(driver: string): string {
  return `version: 0.1\nstorage: {${driver}}`;
}

function driverOf(driver: string): StorageDriverConfig {
  return configOf(file(driver)).storage.driver;
}

Deno.test("resolveFilesystem raises the number of threads to 25", () => {
  for (const [given, expected] of [["10", 25], ["'200'", 200], ["25", 25]] as const) {
    assertEquals(driverOf(`filesystem: {rootdirectory: /d, maxthreads: ${given}}`), {
      name: "filesystem",
      rootDirectory: "/d",
      maxThreads: expected,
    });
  }
  assertEquals(problemsOf(file("filesystem: {maxthreads: many}")), [
    'storage.filesystem.maxthreads: Give a whole number, not "many"',
  ]);
});
