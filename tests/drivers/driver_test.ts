import { assertEquals } from "@std/assert";
import { DriverError, isPathNotFound } from "../../src/drivers/driver.ts";

/** Distribution's wording, which dashboards look for. */
const MESSAGES = {
  path_not_found: "s3aws: Path not found: /a/b",
  invalid_path: "s3aws: invalid path: /a/b",
  invalid_offset: "s3aws: invalid offset: -1 for path: /a/b",
  writer_closed: "s3aws: already closed: /a/b",
  no_space: "s3aws: no space left on device: /a/b",
  unavailable: "s3aws: connection refused",
} as const;

Deno.test("DriverError says what happened, with its code and cause", () => {
  const cause = new Error("connection refused");
  for (const [code, message] of Object.entries(MESSAGES)) {
    const error = new DriverError(code as keyof typeof MESSAGES, {
      driver: "s3aws",
      path: "/a/b",
      offset: -1,
      cause,
    });
    assertEquals(error.message, message);
    assertEquals([error.name, error.code, error.driver, error.path, error.cause], [
      "DriverError",
      code,
      "s3aws",
      "/a/b",
      cause,
    ]);
  }
});

Deno.test("DriverError has no cause where there is none", () => {
  assertEquals("cause" in new DriverError("writer_closed", { driver: "filesystem" }), false);
  const error = new DriverError("unavailable", { driver: "filesystem", cause: "gone" });
  assertEquals(error.message, "filesystem: gone");
});

Deno.test("isPathNotFound tells that error from others", () => {
  const driver = "filesystem";
  assertEquals(isPathNotFound(new DriverError("path_not_found", { driver, path: "/a" })), true);
  assertEquals(isPathNotFound(new DriverError("no_space", { driver, path: "/a" })), false);
  assertEquals(isPathNotFound(new Deno.errors.NotFound()), false);
  assertEquals(isPathNotFound(undefined), false);
});
