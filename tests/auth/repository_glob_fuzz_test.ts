import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compileGlob, globProblem } from "../../src/auth/repository_glob.ts";

const NAME = fc.array(fc.stringMatching(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/), {
  minLength: 1,
  maxLength: 5,
}).map((parts) => parts.join("/"));

Deno.test("compileGlob takes any pattern that has no problem, and any names", () => {
  const pattern = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom("*", "**", "a", ".", "-", "{user}", "/", "a*b"), { maxLength: 30 })
      .map((parts) => parts.join("")),
  );
  fc.assert(fc.property(pattern, NAME, fc.string(), (text, repository, userName) => {
    if (globProblem(text) !== undefined) return;
    assertEquals(typeof compileGlob(text)(repository, userName), "boolean");
  }));
});

Deno.test("compileGlob fits a name to itself alone, and to everything above it", () => {
  fc.assert(fc.property(NAME, NAME, (name, other) => {
    assertEquals(compileGlob(name)(other, ""), name === other);
    assertEquals(compileGlob("**")(name, ""), true);
    assertEquals(compileGlob(`${name}/**`)(`${name}/${other}`, ""), true);
    assertEquals(compileGlob(`${name}/**`)(name, ""), false);
    assertEquals(compileGlob("x/{user}/**")(`x/${name}/${other}`, name), true);
  }));
});
