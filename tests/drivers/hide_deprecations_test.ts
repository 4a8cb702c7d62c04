import { assertEquals } from "@std/assert";
import process from "node:process";
import { hideDeprecations } from "../../src/drivers/hide_deprecations.ts";

Deno.test("hideDeprecations switches warnings off where the runtime warns of itself", () => {
  const settings: { noDeprecation?: boolean } = process;
  const before = settings.noDeprecation ?? false;
  try {
    settings.noDeprecation = false;
    hideDeprecations("2.9.6");
    assertEquals(settings.noDeprecation, false);
    hideDeprecations("2.4.2");
    assertEquals(settings.noDeprecation, true);
  } finally {
    settings.noDeprecation = before;
  }
});
