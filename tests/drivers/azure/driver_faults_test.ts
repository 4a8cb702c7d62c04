/**
 * What the driver for Azure makes of a store that fails, is slow, or answers half.
 *
 * @module
 */
import { AzureDriver } from "../../../src/drivers/azure/driver.ts";
import { storeFaultsContract } from "../../contracts/store_faults.ts";
import { startAzurite } from "../../support/azurite.ts";
import { FaultyProxy } from "../../support/faulty_proxy.ts";

storeFaultsContract("azure", {
  needs: ["azurite-blob"],
  async start(timers) {
    const stack = new AsyncDisposableStack();
    const config = await stack.use(await startAzurite()).makeContainer();
    const { origin, pathname } = new URL(config.serviceUrl);
    const proxy = stack.use(new FaultyProxy(origin));
    const driver = new AzureDriver({ ...config, serviceUrl: proxy.url + pathname }, timers);
    return { driver, proxy, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  },
  isRead: ({ method, target }) => method === "GET" && /\/file\?/.test(target),
});
