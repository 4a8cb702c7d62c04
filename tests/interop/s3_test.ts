/**
 * Stowage and Distribution on one bucket: each serves what the other wrote, one after the other and
 * at the same time.
 *
 * @module
 */
import { type RegistryKind, startRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { s3Storage, startGateway } from "../support/versitygw.ts";
import { PREDECESSORS } from "./_pushes.ts";
import { shareAtOnce, shareInTurn } from "./_sharing.ts";

/** Distribution 2 does not start where this is set. */
const ENV = { AWS_CA_BUNDLE: "" } as const;

/** Written as people write it, to see that the keys come out the same. */
const ROOT = "/some/root/";

for (const { kind, program, deletesTags } of PREDECESSORS) {
  const orders = [["stowage", kind], [kind, "stowage"]] as const;
  for (const [first, second] of orders) {
    testWith([program, "versitygw"], {
      name: `${second} serves the bucket that ${first} wrote, and back`,
      fn: async () => {
        await using temp = await TempFolder.make();
        await using gateway = await startGateway();
        const config = { storage: s3Storage(gateway.url, { rootdirectory: ROOT }) };
        const start = (started: RegistryKind) =>
          startRegistry(started, { folder: temp.path, config, env: ENV });
        await shareInTurn({ start, first, second, deletesTags });
      },
    });
  }

  testWith([program, "versitygw"], {
    name: `stowage and ${kind} run on one bucket at the same time`,
    fn: async () => {
      await using temp = await TempFolder.make();
      await using gateway = await startGateway();
      const config = { storage: s3Storage(gateway.url) };
      await using stowage = await startRegistry("stowage", { folder: temp.path, config, env: ENV });
      await using other = await startRegistry(kind, { folder: temp.path, config, env: ENV });
      await shareAtOnce(stowage, other);
    },
  });
}
