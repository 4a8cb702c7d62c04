import { assertEquals } from "@std/assert";
import { makeImage } from "../support/images.ts";
import { pushImage } from "../support/registry_client.ts";
import { startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { soak } from "./soak.ts";

/** How often something is asked for right after it was deleted. */
const READS = soak(100_000, 10_000);
const READS_OF_A_ROUND = 6;

/** Repositories in which things come and go at the same time. */
const LANES = 8;

/** Connections, which the system spreads over the threads that listen. */
const CONNECTIONS = 12;

Deno.test(`serve gives nothing that was deleted, on any connection, in ${READS} reads`, async () => {
  await using temp = await TempFolder.make();
  await using registry = await startTestedRegistry({ folder: temp.path });
  using stack = new DisposableStack();
  const clients = Array.from(
    { length: CONNECTIONS },
    () => stack.use(Deno.createHttpClient({ poolMaxIdlePerHost: 1 })),
  );
  const image = await makeImage({ seed: "deletes", layerSizes: [1000] });
  const { digest, bytes, mediaType } = image.manifest;
  let turn = 0;
  /** Asks on one connection after the other; gives the statuses. */
  const ask = async (...requests: readonly (readonly [method: string, path: string])[]) => {
    const statuses: number[] = [];
    for (const [method, path] of requests) {
      const client = clients[turn++ % CONNECTIONS];
      const response = await fetch(`${registry.url}/v2/${path}`, {
        method,
        ...client && { client },
        ...method === "PUT" && { body: bytes, headers: { "content-type": mediaType } },
      });
      await response.body?.cancel();
      statuses.push(response.status);
    }
    return statuses;
  };
  await pushImage({ url: registry.url, name: "kept" }, { image, tag: "v1" });
  const [settings, layer] = image.blobs;
  const runLane = async (name: string) => {
    const mount = (blob: string | undefined) =>
      ["POST", `${name}/blobs/uploads/?mount=${blob}&from=kept`] as const;
    const blob = `${name}/blobs/${layer?.digest}`;
    const [byTag, byDigest] = [`${name}/manifests/v1`, `${name}/manifests/${digest}`];
    assertEquals(await ask(mount(settings?.digest)), [201]);
    for (let round = 0; round < READS / READS_OF_A_ROUND / LANES; round++) {
      const put = await ask(mount(layer?.digest), ["GET", blob], ["PUT", byTag], ["GET", byDigest]);
      const noManifest = await ask(["DELETE", byDigest], ["GET", byTag], ["GET", byDigest]);
      const neither = await ask(["HEAD", byDigest], ["DELETE", blob], ["GET", blob]);
      const again = await ask(["HEAD", blob], ["GET", blob]);
      assertEquals({ round, put, noManifest, neither, again }, {
        round,
        put: [201, 200, 201, 200],
        noManifest: [202, 404, 404],
        neither: [404, 202, 404],
        again: [404, 404],
      });
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => runLane(`churn/${lane}`)));
});
