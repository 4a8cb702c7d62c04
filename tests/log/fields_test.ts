import { assertEquals } from "@std/assert";
import { LOG_FIELDS } from "../../src/log/fields.ts";

Deno.test("LOG_FIELDS names no field twice", () => {
  const names = Object.values(LOG_FIELDS);

  assertEquals(new Set(names).size, names.length);
});
