import { assertEquals } from "@std/assert";
import { withMount } from "../../src/auth/controller.ts";
import { asking, right } from "./_requests.ts";

Deno.test("withMount adds the right to read the source of a mount", () => {
  const access = [right("a", "pull")];

  assertEquals(withMount(asking({ access })), access);
  assertEquals(withMount(asking({ access, mountFrom: "b" })), [...access, right("b", "pull")]);
});
