import { assertEquals } from "@std/assert";
import { compileGlob, globProblem } from "../../src/auth/repository_glob.ts";

Deno.test("compileGlob fits names part by part", () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["**", ["a", "a/b", "a/b/c"], []],
    ["*", ["a", "a-b"], ["a/b"]],
    ["public/**", ["public/a", "public/a/b"], ["public", "publicity/a", "x/public/a"]],
    ["public/*", ["public/a"], ["public", "public/a/b"]],
    ["**/tmp", ["tmp", "a/tmp", "a/b/tmp"], ["a/tmp/b", "atmp"]],
    ["a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["a", "az", "a/b"]],
    ["a/**/**", ["a/b", "a/b/c"], ["a"]],
    ["app-*", ["app-", "app-one"], ["app", "app-one/x"]],
    ["*-app", ["my-app"], ["app", "a/my-app"]],
    ["a.b", ["a.b"], ["axb"]],
    ["localhost:5000/a", ["localhost:5000/a"], ["localhost/a"]],
  ];
  for (const [pattern, fitting, others] of cases) {
    assertEquals(globProblem(pattern), undefined, pattern);
    const fits = compileGlob(pattern);
    for (const name of fitting) assertEquals(fits(name, ""), true, `${pattern} ${name}`);
    for (const name of others) assertEquals(fits(name, "a"), false, `${pattern} ${name}`);
  }
});

Deno.test("compileGlob puts the name of whoever asks in, and takes nothing in it for a pattern", () => {
  const fits = compileGlob("team/{user}/**");

  assertEquals([fits("team/alice/x", "alice"), fits("team/alice/x", "bob")], [true, false]);
  assertEquals([fits("team/alice", "alice"), fits("team//x", "")], [false, false]);
  for (const name of ["*", "**", ".*", "[a-z]*", "a|b", "(?:)", "alice/.."]) {
    assertEquals(fits("team/alice/x", name), false, name);
  }
  assertEquals(compileGlob("{user}-*")("a.b-c", "a.b"), true);
  assertEquals(compileGlob("{user}-*")("axb-c", "a.b"), false);
});

Deno.test("globProblem says what is wrong with a pattern", () => {
  for (
    const bad of [
      "",
      "/a",
      "a/",
      "a//b",
      "a**",
      "**a/b",
      "a b",
      "a?",
      "{name}/x",
      "a\nb",
      "*a*b*c*d",
      "**/a/**/b/**/c/**",
    ]
  ) {
    assertEquals(typeof globProblem(bad), "string", bad);
  }
  assertEquals(typeof globProblem("a".repeat(600)), "string");
});

Deno.test("compileGlob takes its time for no name", () => {
  const deep = Array.from({ length: 127 }, () => "a").join("/");
  const fits = ["**/a/**/a/**/b", "*a*a*b"].map(compileGlob);

  assertEquals(fits.map((fit) => fit(deep, "")), [false, false]);
  assertEquals(fits.map((fit) => fit("a".repeat(255), "")), [false, false]);
});
