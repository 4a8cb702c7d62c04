import { assertEquals } from "@std/assert";
import { CONFIG_VERSION, rootSection } from "../../src/config/root.ts";
import { isObsolete } from "../../src/config/shape.ts";
import { configOf } from "./_loading.ts";

Deno.test("rootSection has every section of the format", () => {
  const { fields } = rootSection.shape;
  assertEquals(Object.keys(fields).filter((key) => fields[key] && !isObsolete(fields[key])), [
    "version",
    "log",
    "http",
    "storage",
    "auth",
    "middleware",
    "notifications",
    "redis",
    "health",
    "catalog",
    "tags",
    "proxy",
    "validation",
    "policy",
  ]);
});

Deno.test("resolveConfig gives every section its place, Redis and proxy where they are on", () => {
  const text = `version: ${CONFIG_VERSION}\nstorage: inmemory\n`;
  const config = configOf(`${text}redis: {addrs: ["a:1"]}\nproxy: {remoteurl: "https://a"}\n`);
  const { fields } = rootSection.shape;
  const sections = Object.keys(fields).filter((key) => fields[key]?.type === "section");
  assertEquals(Object.keys(config), sections);
  const plain = Object.keys(configOf(text));
  assertEquals(sections.filter((key) => !plain.includes(key)), ["redis", "proxy"]);
});
