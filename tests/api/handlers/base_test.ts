import { assertEquals, assertMatch } from "@std/assert";
import { TestRegistry } from "../_registry.ts";

Deno.test("getBase says that this is a registry", async () => {
  const answer = await new TestRegistry().send("GET", "/v2/");

  assertEquals(answer.status, 200);
  assertEquals(Object.fromEntries(answer.headers), {
    "content-length": "2",
    "content-type": "application/json",
    "docker-distribution-api-version": "registry/2.0",
  });
  assertEquals(await answer.text(), "{}");
});

Deno.test("getBase warns where pushes are refused for now", async () => {
  const registry = new TestRegistry({ settings: { readOnly: true } });

  const answer = await registry.send("GET", "/v2/");

  assertMatch(answer.headers.get("warning") ?? "", /^299 - "/);
});
