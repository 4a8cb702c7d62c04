import type { StorageMiddlewareConfig } from "../../config/sections/middleware.ts";
import type { StorageDriver } from "../driver.ts";
import type { MiddlewareContext } from "./middleware.ts";

type Name = StorageMiddlewareConfig["name"];

type Factories = {
  readonly [Each in Name]: (
    driver: StorageDriver,
    config: Extract<StorageMiddlewareConfig, { readonly name: Each }>,
    context: MiddlewareContext,
  ) => Promise<StorageDriver>;
};

/** The storage middleware, by name. The code of one is loaded when it is chosen. */
const FACTORIES = {
  async cloudfront(driver, config, context) {
    const { wrapWithCloudFront } = await import("./cloudfront.ts");
    return await wrapWithCloudFront(driver, config, context);
  },
  async redirect(driver, config) {
    const { wrapWithRedirect } = await import("./redirect.ts");
    return wrapWithRedirect(driver, config);
  },
  async rewrite(driver, config) {
    const { wrapWithRewrite } = await import("./rewrite.ts");
    return wrapWithRewrite(driver, config);
  },
} satisfies Factories;

/**
 * Puts middleware around a driver, a later one outside of an earlier one.
 *
 * @throws {DriverError} unavailable: a middleware cannot work as it is configured
 */
export async function wrapDriver(
  driver: StorageDriver,
  configs: readonly StorageMiddlewareConfig[],
  context: MiddlewareContext,
): Promise<StorageDriver> {
  let wrapped = driver;
  for (const config of configs) wrapped = await wrapOne(wrapped, config, context);
  return wrapped;
}

function wrapOne(
  driver: StorageDriver,
  config: StorageMiddlewareConfig,
  context: MiddlewareContext,
): Promise<StorageDriver> {
  switch (config.name) {
    case "cloudfront":
      return FACTORIES.cloudfront(driver, config, context);
    case "redirect":
      return FACTORIES.redirect(driver, config);
    case "rewrite":
      return FACTORIES.rewrite(driver, config);
  }
}
