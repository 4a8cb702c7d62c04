/**
 * What the driver for Cloud Storage makes of a store that fails, is slow, or answers half.
 *
 * @module
 */
import { GcsDriver } from "../../../src/drivers/gcs/driver.ts";
import { storeFaultsContract } from "../../contracts/store_faults.ts";
import { startFakeGcs } from "../../support/fake_gcs.ts";
import { FaultyProxy } from "../../support/faulty_proxy.ts";

storeFaultsContract("gcs", {
  needs: ["fake-gcs-server"],
  async start(timers) {
    const stack = new AsyncDisposableStack();
    const config = await stack.use(await startFakeGcs()).makeBucket();
    const proxy = stack.use(new FaultyProxy(config.endpoint ?? ""));
    const options = timers === undefined ? {} : { timers };
    const driver = new GcsDriver({ ...config, endpoint: proxy.url }, options);
    return { driver, proxy, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  },
  isRead: ({ method, target }) => method === "GET" && /\/file\?alt=media/.test(target),
});
