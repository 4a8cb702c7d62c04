import type { RewriteConfig } from "../../config/sections/middleware.ts";
import type { StorageDriver } from "../driver.ts";
import { RedirectingDriver } from "./_redirecting_driver.ts";

/** Edits the URLs that the driver sends clients to. */
export function wrapWithRewrite(driver: StorageDriver, config: RewriteConfig): StorageDriver {
  return new RedirectingDriver(driver, {
    async redirectUrl(path, request) {
      const url = await driver.redirectUrl(path, request);
      return url === undefined ? undefined : rewrite(url, config);
    },
  });
}

/** Puts the text together, for a `URL` would refuse to change some schemes and write others anew. */
function rewrite(text: string, { scheme, host, trimPathPrefix }: RewriteConfig): string {
  const url = new URL(text);
  const path = url.pathname.startsWith(trimPathPrefix)
    ? url.pathname.slice(trimPathPrefix.length)
    : url.pathname;
  const slash = path.startsWith("/") ? "" : "/";
  return `${scheme || url.protocol.slice(0, -1)}://${host || url.host}${slash}${path}${url.search}`;
}
