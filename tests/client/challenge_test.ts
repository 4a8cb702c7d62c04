import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseChallenges } from "../../src/client/challenge.ts";

Deno.test("parseChallenges reads schemes and their parameters", () => {
  const cases = [
    ['Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"', [
      {
        scheme: "bearer",
        parameters: { realm: "https://a/t", service: "s", scope: "repository:a:pull,push" },
      },
    ]],
    ["Basic realm=simple", [{ scheme: "basic", parameters: { realm: "simple" } }]],
    ['Negotiate, Basic Realm = "a \\"b\\"" , charset="UTF-8"', [
      { scheme: "negotiate", parameters: {} },
      { scheme: "basic", parameters: { realm: 'a "b"', charset: "UTF-8" } },
    ]],
    ['Bearer realm="a",realm="b"', [{ scheme: "bearer", parameters: { realm: "a" } }]],
    ["", []],
    ["=", []],
    [`Bearer ${"x".repeat(20_000)}`, []],
  ] as const;
  for (const [header, expected] of cases) {
    assertEquals(parseChallenges(header), expected as never, header.slice(0, 80));
  }
});

Deno.test("parseChallenges comes to an end, whatever the header is", () => {
  fc.assert(fc.property(fc.string(), (header) => {
    parseChallenges(header);
  }));
});
