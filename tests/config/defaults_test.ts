import { assertEquals } from "@std/assert";
import { developmentConfig } from "../../src/config/defaults.ts";

Deno.test("developmentConfig serves this machine from a folder beside", () => {
  const { config, warnings, sources } = developmentConfig();
  assertEquals(warnings, []);
  assertEquals(config.http.addr, "127.0.0.1:5000");
  assertEquals(config.storage.driver, {
    name: "filesystem",
    rootDirectory: "./data",
    maxThreads: 100,
  });
  assertEquals(config.storage.delete.enabled, true);
  assertEquals(config.storage.cache?.blobDescriptor, "inmemory");
  assertEquals(config.validation.manifests.urls.allow, ["^https?://"]);
  assertEquals([...sources.values()].every(({ kind }) => kind === "default"), true);
});

Deno.test("developmentConfig lets the environment win", () => {
  const { config } = developmentConfig({ REGISTRY_STORAGE: "inmemory", REGISTRY_HTTP_ADDR: ":1" });
  assertEquals([config.storage.driver.name, config.http.addr], ["inmemory", ":1"]);
});
