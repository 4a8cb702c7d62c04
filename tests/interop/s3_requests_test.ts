/**
 * How many requests pulls and pushes make of a real store, beside Distribution on the same one.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { makeImage } from "../support/images.ts";
import { blobUrl, pushImage, request } from "../support/registry_client.ts";
import { type RegistryKind, startRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { s3Storage, startGateway } from "../support/versitygw.ts";

/** What is counted, in the order in which it is done. */
type Step = typeof STEPS[number];

const STEPS = [
  "push of a new image",
  "push of the same image",
  "first manifest GET by tag",
  "first GETs of 3 blobs",
  "manifest GET by tag",
  "manifest GET by digest",
  "HEADs of 3 blobs",
  "GETs of 3 blobs",
] as const;

const ACCEPT = "application/vnd.oci.image.manifest.v1+json, */*";

/** Counts the requests of each step, by one registry on a store of its own. */
async function countSteps(
  kind: RegistryKind,
  cache: Readonly<Record<string, unknown>> | undefined,
): Promise<Readonly<Record<Step, number>>> {
  await using temp = await TempFolder.make();
  await using gateway = await startGateway();
  const image = await makeImage({ seed: "requests", layerSizes: [1000, 12_000_000] });
  const storage = { ...s3Storage(gateway.url), ...cache === undefined ? {} : { cache } };
  // Each thread has a cache of its own, and a client that connects anew may reach another.
  const env = { AWS_CA_BUNDLE: "", ...kind === "stowage" ? { REGISTRY_HTTP_WORKERS: "1" } : {} };
  const options = { folder: temp.path, config: { storage }, env };
  const counts: Partial<Record<Step, number>> = {};
  async function count(step: Step, run: () => Promise<unknown>): Promise<void> {
    await gateway.takeRequests();
    await run();
    counts[step] = (await gateway.takeRequests()).length;
  }
  const name = "lib/app";
  {
    await using registry = await startRegistry(kind, options);
    const repository = { url: registry.url, name };
    await count("push of a new image", () => pushImage(repository, { image, tag: "v1" }));
    await count("push of the same image", () => pushImage(repository, { image, tag: "v1" }));
  }
  await using registry = await startRegistry(kind, options);
  const repository = { url: registry.url, name };
  async function pull(reference: string): Promise<void> {
    const url = `${registry.url}/v2/${name}/manifests/${reference}`;
    await (await request(url, { headers: { Accept: ACCEPT } })).bytes();
  }
  async function blobs(method: "GET" | "HEAD"): Promise<void> {
    for (const { digest } of image.blobs) {
      await (await request(blobUrl(repository, digest), { method })).bytes();
    }
  }
  await count("first manifest GET by tag", () => pull("v1"));
  await count("first GETs of 3 blobs", () => blobs("GET"));
  await count("manifest GET by tag", () => pull("v1"));
  await count("manifest GET by digest", () => pull(image.manifest.digest));
  await count("HEADs of 3 blobs", () => blobs("HEAD"));
  await count("GETs of 3 blobs", () => blobs("GET"));
  return counts as Record<Step, number>;
}

testWith(["versitygw", "registry"], {
  name: "serve makes fewer requests of S3 than Distribution does",
  fn: async () => {
    const cached = { blobdescriptor: "inmemory" };
    const results = {
      "Stowage": await countSteps("stowage", undefined),
      "Distribution": await countSteps("distribution3", undefined),
      "Stowage, cache": await countSteps("stowage", { ...cached, exclusive: true }),
      "Distribution, cache": await countSteps("distribution3", cached),
    };
    for (const step of STEPS) {
      const figures = Object.entries(results).map(([who, counts]) => `${who} ${counts[step]}`);
      console.log(`requests: ${step}: ${figures.join(", ")}`);
    }
    const warm = results["Stowage, cache"];
    assertEquals([warm["manifest GET by digest"], warm["manifest GET by tag"]], [0, 1]);
    for (const step of STEPS) {
      assert(results["Stowage"][step] <= results["Distribution"][step], step);
      assert(warm[step] <= results["Distribution, cache"][step], step);
    }
  },
});
