import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { errorFields, explainError, isExpected } from "../../src/cli/explain_error.ts";
import { ConfigError } from "../../src/config/error.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import { ServerError } from "../../src/server/error.ts";

const SERVER_ERROR = new ServerError("address_in_use", "Cannot listen");

Deno.test("isExpected knows the families of errors that explain themselves", () => {
  assert(isExpected(SERVER_ERROR));
  assert(isExpected(new DriverError("unavailable", { driver: "filesystem" })));
  assertFalse(isExpected(new TypeError("x is not a function")));
  assertFalse(isExpected("text"));
});

Deno.test("explainError writes an expected error as it is", () => {
  assertEquals(explainError(SERVER_ERROR, { debug: false }), "stowage: Cannot listen");
});

Deno.test("explainError writes every problem of a configuration, and what was odd", () => {
  const problem = (path: string) => ({ path, found: "1", expected: "2", message: "Give 2" });
  const error = new ConfigError("invalid", {
    problems: [problem("http.addr"), problem("log.level")],
    warnings: [problem("http.port")],
  });

  const text = explainError(error, { debug: false });

  assert(text.startsWith("configuration error: 2 problems\n"));
  for (const path of ["http.addr", "log.level", "warnings:", "http.port"]) {
    assertStringIncludes(text, path);
  }
});

Deno.test("explainError writes an unexpected error on one line, unless asked for more", () => {
  const error = new TypeError("x is\n  not a function");

  const short = explainError(error, { debug: false });
  const long = explainError(error, { debug: true });

  assertEquals(
    short,
    "stowage: unexpected error: x is not a function " +
      "(run it with --debug to see where it comes from)",
  );
  assertStringIncludes(long, "explain_error_test.ts");
  assertEquals(
    explainError("odd", { debug: true }),
    "stowage: unexpected error: odd",
  );
});

Deno.test("errorFields tells where an unexpected error comes from, and that alone", () => {
  const error = new TypeError("boom");

  assertEquals(errorFields(error), { "err.message": "boom", "err.stack": error.stack });
  assertEquals(errorFields(SERVER_ERROR)["err.stack"], undefined);
  assertEquals(errorFields("odd"), { "err.message": "odd" });
});
