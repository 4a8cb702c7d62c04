import { assertEquals } from "@std/assert";
import { ConfigError, describeSource } from "../../src/config/error.ts";

const PROBLEM = { path: "http.addr", found: "nothing", expected: "text", message: "Add it" };

Deno.test("ConfigError tells every problem in its message", () => {
  assertEquals(new ConfigError("invalid", { problems: [PROBLEM] }).message, "http.addr: Add it");
  const problems = [PROBLEM, { ...PROBLEM, path: "", message: "Write it" }];
  assertEquals(
    new ConfigError("invalid", { problems }).message,
    "Correct the configuration, 2 problems:\n  http.addr: Add it\n  Write it",
  );
});

Deno.test("ConfigError keeps code, problems, warnings and cause", () => {
  const cause = new Error("x");
  const error = new ConfigError("unreadable", { problems: [PROBLEM], warnings: [PROBLEM], cause });
  assertEquals([error.code, error.problems, error.warnings, error.cause, error.name], [
    "unreadable",
    [PROBLEM],
    [PROBLEM],
    cause,
    "ConfigError",
  ]);
  assertEquals(new ConfigError("invalid", { problems: [PROBLEM] }).warnings, []);
});

Deno.test("describeSource names file and line, or the variable", () => {
  assertEquals(describeSource({ kind: "file", fileName: "a.yml", line: 3 }), "a.yml line 3");
  assertEquals(describeSource({ kind: "file", fileName: "a.yml" }), "a.yml");
  assertEquals(describeSource({ kind: "environment", name: "REGISTRY_X" }), "REGISTRY_X");
  assertEquals(describeSource({ kind: "default" }), "default");
});
