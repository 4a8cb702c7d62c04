import { assertEquals } from "@std/assert";
import process from "node:process";
import { hideDeprecations } from "../../src/drivers/hide_deprecations.ts";

Deno.test("hideDeprecations switches warnings off where the runtime warns of itself", () => {
  const isHidden = () => Boolean(Reflect.get(process, "noDeprecation"));
  const before = isHidden();
  try {
    Object.assign(process, { noDeprecation: false });
    hideDeprecations("2.9.6");
    assertEquals(isHidden(), false);
    hideDeprecations("2.4.2");
    assertEquals(isHidden(), true);
  } finally {
    Object.assign(process, { noDeprecation: before });
  }
});
