import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import * as z from "zod";
import { configJsonSchema } from "../../src/config/json_schema.ts";
import { BASE } from "./_loading.ts";

const schema = z.fromJSONSchema(configJsonSchema());

function accepts(text: string): boolean {
  return schema.safeParse((parse as (yaml: string) => unknown)(text)).success;
}

Deno.test("configJsonSchema takes files as the loader does", () => {
  for (
    const text of [
      BASE,
      "version: '0.1'\nstorage: {filesystem: }",
      `${BASE}auth: none\nhttp: {relativeurls: yes, draintimeout: 1h30m, secret: 0123}`,
      `${BASE}http: {draintimeout: 1000000000, headers: {X-A: [b]}}\nlog:\n`,
      `${BASE}loglevel: info\ncompatibility: {schema1: {enabled: true}}`,
      "version: 0.1\nstorage: {s3: {bucket: b, region: r}}",
    ]
  ) assertEquals(accepts(text), true, text);
});

Deno.test("configJsonSchema refuses what a writer would want to know of", () => {
  for (
    const text of [
      "storage: inmemory",
      "version: 0.2\nstorage: inmemory",
      "version: 0.1\nstorage: nosuch",
      "version: 0.1\nstorage: {s3: {bucket: b, chunksize: 1}}",
      "version: 0.1\nstorage: {azure: {container: c}}",
      `${BASE}http: {adr: x}`,
      `${BASE}http: {draintimeout: 5 minutes}`,
      `${BASE}log: {formatter: xml}`,
      `${BASE}tags: {maxtags: -1}`,
      `${BASE}redis: {addrs: "a:1"}`,
    ]
  ) assertEquals(accepts(text), false, text);
});

Deno.test("configJsonSchema tells meaning, default, secrets and obsolete keys", () => {
  const text = JSON.stringify(configJsonSchema());
  assertEquals(text.includes('"default":"168h"'), true);
  assertEquals(text.includes('"writeOnly":true'), true);
  assertEquals(text.includes('"deprecated":true'), true);
  assertEquals(text.includes(String(Number.MAX_SAFE_INTEGER)), false);
});
