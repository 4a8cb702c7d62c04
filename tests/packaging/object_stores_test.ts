/**
 * The executable on each kind of object store, with Redis as its cache: the libraries for them are
 * loaded only when they are chosen, so nothing else would tell that one is missing.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { connectRedis } from "../../src/redis/connect.ts";
import { makeIndex } from "../support/images.ts";
import { OBJECT_STORES } from "../support/object_stores.ts";
import { redisConfig, startRedis } from "../support/redis.ts";
import { pushImage, verifyImage } from "../support/registry_client.ts";
import { startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

/** More than one part or block of any driver. */
const LARGE_BYTES = 18_000_000;

for (const [name, kind] of Object.entries(OBJECT_STORES)) {
  testWith(["executable", "redis-server", ...kind.needs], {
    name: `dist/stowage keeps images in ${name}, and what it knows of them in Redis`,
    async fn() {
      await using temp = await TempFolder.make();
      await using store = await kind.start();
      await using redis = await startRedis();
      const config = {
        storage: { ...store.storage, cache: { blobdescriptor: "redis" } },
        redis: { addrs: [redis.addr] },
      };
      const image = await makeIndex({ seed: name, layerSizes: [1000, LARGE_BYTES] });
      for (const isSecond of [false, true]) {
        await using registry = await startStowage({ folder: temp.path, config, executable: true });
        const repository = { url: registry.url, name: "team/app" };
        if (!isSecond) await pushImage(repository, { image, tag: "v1" });
        await verifyImage(repository, { image, reference: "v1" });
        // Libraries may have warnings for those who build programs; who runs one has no use for them.
        const { output } = registry.process;
        assert(!/deprecat|\(node:|warning:/i.test(output), output);
        assertEquals((await registry.process.stop()).code, 0);
      }
      const client = await connectRedis(redisConfig({ addr: redis.addr }));
      assert(Number(await client.send(["DBSIZE"])) > 0);
      client.close();
      console.log(`packaging: dist/stowage on ${name}: push and pull of ${LARGE_BYTES / 1e6} MB`);
    },
  });
}
