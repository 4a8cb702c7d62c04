import { assertEquals, assertStrictEquals } from "@std/assert";
import { constants } from "node:os";
import { DriverError } from "../../../src/drivers/driver.ts";
import { readFailure, systemCode, writeFailure } from "../../../src/drivers/filesystem/failures.ts";

/** An error as the runtime makes them. */
function systemError(code: string): Error {
  return Object.assign(new Error("it did not work"), { code });
}

/** A full quota, for which the runtime has no code. */
const QUOTA = new Error(`Disk quota exceeded (os error ${constants.errno.EDQUOT})`);

const READ = {
  ENOENT: "path_not_found",
  ENOTDIR: "path_not_found",
  EISDIR: "path_not_found",
  ENAMETOOLONG: "path_not_found",
  EACCES: "unavailable",
  EIO: "unavailable",
} as const;

const WRITE = {
  ENOSPC: "no_space",
  EDQUOT: "no_space",
  ENOENT: "unavailable",
  EROFS: "unavailable",
  EIO: "unavailable",
} as const;

Deno.test("readFailure tells a missing path from a broken disk", () => {
  for (const [code, expected] of Object.entries(READ)) {
    const cause = systemError(code);
    const error = readFailure(cause, "/a");
    assertEquals([error.code, error.path, error.driver], [expected, "/a", "filesystem"]);
    assertStrictEquals(error.cause, cause);
  }
});

Deno.test("writeFailure tells a full disk from a broken one", () => {
  for (const [code, expected] of Object.entries(WRITE)) {
    assertEquals(writeFailure(systemError(code), "/a").code, expected, code);
  }
  assertEquals(writeFailure(QUOTA, "/a").code, "no_space");
});

Deno.test("readFailure and writeFailure give driver errors on as they are", () => {
  const error = new DriverError("path_not_found", { driver: "filesystem", path: "/source" });
  assertStrictEquals(readFailure(error, "/a"), error);
  assertStrictEquals(writeFailure(error, "/a"), error);
});

Deno.test("systemCode is what the runtime really reports", () => {
  const missing = systemError("");
  try {
    Deno.statSync(import.meta.filename + "x");
  } catch (error) {
    assertEquals(systemCode(error), "ENOENT");
  }
  assertEquals([systemCode(missing), systemCode(QUOTA)], ["", "EDQUOT"]);
  assertEquals([systemCode(new Error("x")), systemCode("ENOENT"), systemCode(undefined)], [
    "",
    "",
    "",
  ]);
});
