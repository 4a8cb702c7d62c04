import { assertEquals } from "@std/assert";
import { isOlderRuntime } from "../../src/base/older_runtime.ts";

Deno.test("isOlderRuntime compares versions by their numbers", () => {
  for (const version of ["1.46.3", "2.4.2", "2.8.2", "2.8.2-rc.9"]) {
    assertEquals(isOlderRuntime("2.8.3", version), true, version);
  }
  for (const version of ["2.8.3", "2.8.3-rc.1+abc", "2.8.10", "2.9.0", "2.10.1", "3.0.0"]) {
    assertEquals(isOlderRuntime("2.8.3", version), false, version);
  }
});

Deno.test("isOlderRuntime judges what runs it", () => {
  assertEquals(isOlderRuntime("1.0.0"), false);
  assertEquals(isOlderRuntime("1000.0.0"), true);
});
