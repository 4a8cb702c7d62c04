import { assertEquals } from "@std/assert";
import type { StorageMiddlewareConfig } from "../../../src/config/sections/middleware.ts";
import { InMemoryDriver } from "../../../src/drivers/inmemory/driver.ts";
import { wrapDriver } from "../../../src/drivers/middleware/factory.ts";

import { context, redirectOf, wrap } from "./_middleware.ts";

Deno.test("rewrite edits what the driver gives, and nothing else", async () => {
  const plain = { name: "rewrite", scheme: "", host: "", trimPathPrefix: "" } as const;
  const cases: readonly [Readonly<Record<string, string>>, string][] = [
    [{}, "https://s3.example/bucket/key?X-Sig=1"],
    [{ scheme: "http" }, "http://s3.example/bucket/key?X-Sig=1"],
    [{ host: "cdn.example:81" }, "https://cdn.example:81/bucket/key?X-Sig=1"],
    [{ trimPathPrefix: "/bucket" }, "https://s3.example/key?X-Sig=1"],
    [{ trimPathPrefix: "/bucket/" }, "https://s3.example/key?X-Sig=1"],
    [{ trimPathPrefix: "/other" }, "https://s3.example/bucket/key?X-Sig=1"],
  ];
  for (const [changes, expected] of cases) {
    const config = { ...plain, ...changes } as StorageMiddlewareConfig;
    assertEquals(await redirectOf(await wrap([config])), expected);
  }
  const local = await wrapDriver(new InMemoryDriver(), [plain], context());
  assertEquals(await redirectOf(local), undefined);
});
