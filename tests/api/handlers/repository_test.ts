import { assertEquals } from "@std/assert";
import { TestRegistry } from "../_registry.ts";

Deno.test("deleteRepository accepts, and other methods are not there", async () => {
  const registry = new TestRegistry();
  await registry.pushImage("foo", { reference: "v1" });
  assertEquals((await registry.send("GET", "/v2/foo/_repository")).status, 405);
  assertEquals((await registry.send("DELETE", "/v2/foo/_repository")).status, 202);
  assertEquals((await registry.send("DELETE", "/v2/foo/_repository")).status, 404);
});
