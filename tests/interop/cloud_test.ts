/**
 * Stowage and Distribution in one container of Azure, or one bucket of Google: each serves what the
 * other wrote, with the same configuration. Distribution 2, as Debian has it, is built without these
 * drivers. S3 has tests of its own.
 *
 * @module
 */
import { generateKeyPairSync } from "node:crypto";
import { OBJECT_STORES } from "../support/object_stores.ts";
import { type RegistryKind, startRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { deleteSome, makePushes, pushAll, verifyAll, verifyDeleted } from "./_pushes.ts";
import { shareAtOnce, shareInTurn } from "./_sharing.ts";

const { azure, gcs } = OBJECT_STORES;

testWith(["registry", ...azure.needs], {
  name: "stowage serves what distribution3 wrote to azure, and back",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using store = await azure.start();
    const config = { storage: store.storage };
    const start = (kind: RegistryKind) => startRegistry(kind, { folder: temp.path, config });
    await shareInTurn({ start, first: "distribution3", second: "stowage", deletesTags: true });
  },
});

testWith(["registry", ...azure.needs], {
  name: "stowage and distribution3 run on azure at the same time",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using store = await azure.start();
    const config = { storage: store.storage };
    await using stowage = await startRegistry("stowage", { folder: temp.path, config });
    await using other = await startRegistry("distribution3", { folder: temp.path, config });
    await shareAtOnce(stowage, other);
  },
});

// It uploads blobs to Google's own address alone, so it cannot be the one that writes here.
testWith(["registry", ...gcs.needs], {
  name: "distribution3 serves what stowage wrote to gcs, and deletes it",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using store = await gcs.start();
    const config = { storage: store.storage };
    const pushes = await makePushes("gcs");
    const deletes = { pushes, withTag: true };
    await using stowage = await startRegistry("stowage", { folder: temp.path, config });
    await pushAll(stowage, pushes);
    const env = await emulatorVariables(store.storage["gcs"], temp);
    await using other = await startRegistry("distribution3", { folder: temp.path, config, env });
    await verifyAll(other, pushes);
    await deleteSome(other, deletes);
    await verifyDeleted(other, deletes);
    await verifyDeleted(stowage, deletes);
  },
});

/** Distribution has no key for another endpoint of Google, but its library heeds these variables. */
async function emulatorVariables(section: unknown, temp: TempFolder) {
  const { endpoint } = section as { readonly endpoint: string };
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const account = {
    type: "service_account",
    client_email: "registry@example.iam.gserviceaccount.com",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    token_uri: "http://127.0.0.1:1/token",
  };
  return {
    GOOGLE_APPLICATION_CREDENTIALS: await temp.write("account.json", JSON.stringify(account)),
    STORAGE_EMULATOR_HOST: endpoint,
  };
}
