/**
 * Replicas over one storage: whichever of them a request reaches, the answer is the same.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { assertConforms, VERSIONS } from "../conformance/run_suite.ts";
import { contentOf, type Image, makeIndex, MEDIA_TYPES } from "../support/images.ts";
import { randomBytes } from "../support/random_bytes.ts";
import {
  blobUrl,
  deleteManifest,
  manifestStatus,
  pullBlob,
  pullManifest,
  pushBlob,
  pushImage,
  pushManifest,
  request,
  startUpload,
  verifyImage,
} from "../support/registry_client.ts";
import { testWith } from "../support/tools.ts";
import { type Fleet, FLEET_NEEDS, type FleetKind, startFleet } from "./fleet.ts";

/** How often what may race is tried. */
const ROUNDS = 10;

const CASES: Readonly<Record<string, (fleet: Fleet) => Promise<void>>> = {
  "an upload is begun on one, continued on another and finished on a third": uploadAcross,
  "a delete on one is seen by all at once": deleteEverywhere,
  "two pushes of one tag end with one of the two": raceForTag,
  "two pushes of one blob both succeed": raceForBlob,
};

for (const kind of Object.keys(FLEET_NEEDS) as FleetKind[]) {
  testWith([...FLEET_NEEDS[kind], "conformance"], {
    name: `replicas on ${kind} are one registry`,
    async fn(t) {
      await using fleet = await startFleet(kind);
      for (const [name, run] of Object.entries(CASES)) await t.step(name, () => run(fleet));
      const { balancer: { host }, folder } = fleet;
      for (const version of VERSIONS) {
        await t.step(`conformance ${version} passes through a load balancer`, async () => {
          const label = `${version} replicas on ${kind}`;
          await assertConforms({ host, folder, version, sparse: false, label });
        });
      }
    },
  });
}

/** The replica of a number, counted round and round. */
function urlOf({ urls }: Fleet, number: number): string {
  return urls[number % urls.length] ?? "";
}

async function uploadAcross(fleet: Fleet): Promise<void> {
  for (const pieceBytes of [1000, 300_000, 6 * 1024 * 1024]) {
    const bytes = randomBytes(`across ${pieceBytes}`, 3 * pieceBytes);
    const blob = contentOf("application/octet-stream", bytes);
    const name = "replicas/across";
    let location = await startUpload({ url: urlOf(fleet, 0), name });
    for (let number = 0; number < 3; number++) {
      const piece = bytes.subarray(number * pieceBytes, (number + 1) * pieceBytes);
      const isLast = number === 2;
      const target = new URL(location.pathname + location.search, urlOf(fleet, number + 1));
      if (isLast) target.searchParams.set("digest", blob.digest);
      const response = await request(target.href, {
        method: isLast ? "PUT" : "PATCH",
        body: piece,
        headers: { "Content-Type": "application/octet-stream" },
        expect: [isLast ? 201 : 202],
      });
      await response.body?.cancel();
      location = new URL(response.headers.get("Location") ?? "", response.url);
    }
    for (const url of fleet.urls) {
      assertEquals(contentOf("", await pullBlob({ url, name }, blob.digest)).digest, blob.digest);
    }
  }
}

async function deleteEverywhere(fleet: Fleet): Promise<void> {
  const name = "replicas/deleted";
  for (let round = 0; round < ROUNDS; round++) {
    const image = await smallImage(`deleted ${round}`);
    await pushImage({ url: urlOf(fleet, round), name }, { image, tag: "v1" });
    const { digest } = image.manifest;
    const layer = image.children[0]?.blobs[0]?.digest ?? "";
    // Whatever a replica may remember it remembers now.
    for (const url of [...fleet.urls, ...fleet.urls]) {
      await verifyImage({ url, name }, { image, reference: "v1" });
    }
    await deleteManifest({ url: urlOf(fleet, round + 1), name }, digest);
    const target = blobUrl({ url: urlOf(fleet, round + 2), name }, layer);
    await (await request(target, { method: "DELETE", expect: [202] })).body?.cancel();
    for (const url of fleet.urls) {
      assertEquals(await manifestStatus({ url, name }, digest), 404);
      assertEquals(await manifestStatus({ url, name }, "v1"), 404);
      await request(blobUrl({ url, name }, layer), { method: "HEAD", expect: [404] });
    }
  }
}

async function raceForTag(fleet: Fleet): Promise<void> {
  const name = "replicas/tag";
  const images = await Promise.all(["one", "other"].map((seed) => smallImage(seed)));
  for (const image of images) await pushImage({ url: urlOf(fleet, 0), name }, { image });
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(images.map((image, index) => {
      const repository = { url: urlOf(fleet, round + index), name };
      return pushManifest(repository, { manifest: image.manifest, tag: "latest" });
    }));
    const pulled = await Promise.all(
      fleet.urls.map((url) => pullManifest({ url, name }, "latest")),
    );
    const digests = new Set(pulled.map(({ digest }) => digest));
    assertEquals(digests.size, 1);
    assertEquals(images.some(({ manifest }) => digests.has(manifest.digest)), true);
  }
}

async function raceForBlob(fleet: Fleet): Promise<void> {
  const name = "replicas/blob";
  for (let round = 0; round < ROUNDS; round++) {
    const blob = contentOf(MEDIA_TYPES.oci.layer, randomBytes(`raced ${round}`, 200_000));
    await Promise.all(fleet.urls.map((url) => pushBlob({ url, name }, blob)));
    for (const url of fleet.urls) {
      const bytes = await pullBlob({ url, name }, blob.digest);
      assertEquals(contentOf("", bytes).digest, blob.digest);
    }
  }
}

function smallImage(seed: string): Promise<Image> {
  const platforms = [{ os: "linux", architecture: "amd64" }];
  return makeIndex({ seed: `replicas ${seed}`, layerSizes: [1000, 50_000], platforms });
}
