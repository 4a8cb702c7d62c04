import { join } from "@std/path/posix";
import type { RedirectConfig } from "../../config/sections/middleware.ts";
import type { StorageDriver } from "../driver.ts";
import { RedirectingDriver } from "./_redirecting_driver.ts";

/** Sends clients to another server, which has the same files at the same paths. */
export function wrapWithRedirect(
  driver: StorageDriver,
  { baseUrl }: RedirectConfig,
): StorageDriver {
  const { origin, pathname } = new URL(baseUrl);
  return new RedirectingDriver(driver, {
    redirectUrl: (path) => Promise.resolve(origin + join(pathname, path)),
  });
}
