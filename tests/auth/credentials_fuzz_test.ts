import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseBasic, parseBearer } from "../../src/auth/credentials.ts";
import { basic } from "./_requests.ts";

Deno.test("parseBasic gives back every name without a colon, and every password", () => {
  const name = fc.string({ unit: "grapheme" }).filter((text) => !text.includes(":"));
  fc.assert(fc.property(name, fc.string({ unit: "grapheme" }), (userName, password) => {
    assertEquals(parseBasic(basic(userName, password)), { userName, password });
  }));
});

Deno.test("parseBasic and parseBearer take any text", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string().map((rest) => `Basic ${rest}`),
    fc.string().map((rest) => `Bearer ${rest}`),
    fc.base64String().map((rest) => `basic ${rest}`),
  );
  fc.assert(fc.property(text, (authorization) => {
    const credentials = parseBasic(authorization);
    const token = parseBearer(authorization);
    assertEquals(credentials !== undefined && token !== undefined, false);
    assertEquals(token?.includes(" ") ?? false, false);
  }));
});
