/**
 * What the program says where its settings for an object store are wrong, by real stores.
 *
 * @module
 */
import { assert, assertRejects } from "@std/assert";
import { OBJECT_STORES } from "../support/object_stores.ts";
import { startRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:1";

/** Settings that are wrong, and what the program must say of them. */
const WRONG: Readonly<
  Record<keyof typeof OBJECT_STORES, readonly (readonly [Record<string, string>, string])[]>
> = {
  s3: [
    [{ bucket: "missing" }, "storage.s3.bucket: the store answered NoSuchBucket"],
    [{ secretkey: "another-secret" }, "storage.s3.secretkey: the store answered"],
    [{ accesskey: "another-access" }, "storage.s3.accesskey: the store answered"],
    [{ regionendpoint: NOWHERE }, "storage.s3.regionendpoint"],
    [{ region: "eu-north-1" }, "storage.s3.region: the store answered"],
  ],
  azure: [
    [{ container: "missing" }, "storage.azure.container: the store answered ContainerNotFound"],
    [{ accountkey: btoa("another key") }, "storage.azure.accountkey"],
    [{ serviceurl: `${NOWHERE}/a` }, "storage.azure.accountname, realm or serviceurl"],
  ],
  gcs: [
    [{ bucket: "missing" }, "storage.gcs.bucket: the store answered"],
    [{ keyfile: "/does/not/exist.json" }, "storage.gcs.keyfile"],
    [{ endpoint: NOWHERE }, "storage.gcs.endpoint"],
  ],
};

for (const name of Object.keys(OBJECT_STORES) as (keyof typeof OBJECT_STORES)[]) {
  testWith(OBJECT_STORES[name].needs, {
    name: `serve names the setting of ${name} that is wrong, and ends with 1`,
    async fn() {
      await using temp = await TempFolder.make();
      await using store = await OBJECT_STORES[name].start();
      for (const [settings, says] of WRONG[name]) {
        const right = store.storage[name];
        const storage = { ...store.storage, [name]: { ...right as object, ...settings } };
        const starting = startRegistry("stowage", { folder: temp.path, config: { storage } });
        const { message } = await assertRejects(() => starting, Error, says);
        assert(message.includes("it ended with 1 before it answered"), message);
        assert(!message.includes("err.stack"), message);
        for (const [key, value] of Object.entries(settings)) {
          if (/secret|accountkey/.test(key)) assert(!message.includes(value), message);
        }
      }
    },
  });
}
