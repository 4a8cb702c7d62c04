import { assertEquals, assertRejects } from "@std/assert";
import { makeImage, makeIndex, MEDIA_TYPES, writeOciLayout } from "../support/images.ts";
import {
  manifestStatus,
  pullManifest,
  pushImage,
  verifyImage,
} from "../support/registry_client.ts";
import { type Client, type Scene, testClient } from "../support/scene.ts";

const SKOPEO: Client = { program: "skopeo", args: () => ["--insecure-policy"] };

const INSECURE = ["--src-tls-verify=false", "--dest-tls-verify=false"] as const;

function testSkopeo(name: string, fn: (scene: Scene) => Promise<void>): void {
  testClient(SKOPEO, { name, fn });
}

/** The digest of the first manifest of an OCI layout. */
async function layoutDigest(folder: string): Promise<string> {
  const index: { manifests: { digest: string }[] } = JSON.parse(
    await Deno.readTextFile(`${folder}/index.json`),
  );
  return index.manifests[0]?.digest ?? "";
}

testSkopeo(
  "copies an OCI image in and out bit for bit",
  async ({ ref, repository, run, temp }) => {
    const image = await makeImage({ seed: "skopeo/oci", layerSizes: [100, 2_000_000] });
    await writeOciLayout(temp.join("in"), { v1: image });
    const remote = `docker://${ref("team/app:v1")}`;
    await run("copy", "--preserve-digests", ...INSECURE, `oci:${temp.join("in")}:v1`, remote);
    await verifyImage(repository("team/app"), { image, reference: "v1" });
    await run("copy", "--preserve-digests", ...INSECURE, remote, `oci:${temp.join("out")}:v1`);
    assertEquals(await layoutDigest(temp.join("out")), image.manifest.digest);
    for (const { digest, bytes } of image.blobs) {
      assertEquals(await Deno.readFile(temp.join("out/blobs", digest.replace(":", "/"))), bytes);
    }
  },
);

testSkopeo(
  "copies a Docker image in and out bit for bit",
  async ({ ref, repository, run, temp }) => {
    const image = await makeImage({ seed: "skopeo/docker", format: "docker" });
    await pushImage(repository("source"), { image, tag: "v2s2" });
    const source = `docker://${ref("source:v2s2")}`;
    const folder = `dir:${temp.join("out")}`;
    await run("copy", "--preserve-digests", ...INSECURE, source, folder);
    const manifest = await Deno.readFile(temp.join("out/manifest.json"));
    assertEquals(manifest, image.manifest.bytes);
    const target = `docker://${ref("target:v2s2")}`;
    await run("copy", "--preserve-digests", ...INSECURE, folder, target);
    await verifyImage(repository("target"), { image, reference: "v2s2" });
  },
);

testSkopeo(
  "turns an OCI image into a Docker one on its way",
  async ({ ref, repository, run, temp }) => {
    const image = await makeImage({ seed: "skopeo/convert" });
    await writeOciLayout(temp.join("in"), { v1: image });
    const remote = `docker://${ref("converted:v1")}`;
    await run("copy", "--format", "v2s2", ...INSECURE, `oci:${temp.join("in")}:v1`, remote);
    const pulled = await pullManifest(repository("converted"), "v1");
    assertEquals(pulled.mediaType, MEDIA_TYPES.docker.manifest);
    const inspected: { Digest: string; Layers: string[] } = JSON.parse(
      await run("inspect", "--tls-verify=false", remote),
    );
    assertEquals(inspected.Digest, pulled.digest);
    assertEquals(inspected.Layers, image.blobs.slice(1).map(({ digest }) => digest));
  },
);

for (const format of ["oci", "docker"] as const) {
  testSkopeo(
    `copies a multi-architecture ${format} image with --all`,
    async ({ ref, repository, run, temp }) => {
      const index = await makeIndex({ seed: `skopeo/all/${format}`, format });
      await pushImage(repository("source"), { image: index, tag: "multi" });
      const source = `docker://${ref("source:multi")}`;
      const folder = `dir:${temp.join("out")}`;
      const target = `docker://${ref("target:multi")}`;
      await run("copy", "--all", "--preserve-digests", ...INSECURE, source, folder);
      await run("copy", "--all", "--preserve-digests", ...INSECURE, folder, target);
      await verifyImage(repository("target"), { image: index, reference: "multi" });
    },
  );
}

testSkopeo(
  "copies one architecture out of an index",
  async ({ ref, repository, run, temp }) => {
    const index = await makeIndex({ seed: "skopeo/one" });
    await pushImage(repository("source"), { image: index, tag: "multi" });
    const source = `docker://${ref("source:multi")}`;
    await run(
      "--override-arch=s390x",
      "copy",
      "--preserve-digests",
      ...INSECURE,
      source,
      `oci:${temp.join("out")}:one`,
    );
    assertEquals(await layoutDigest(temp.join("out")), index.children[2]?.manifest.digest);
  },
);

testSkopeo(
  "copies between repositories of one registry",
  async ({ ref, repository, run }) => {
    const index = await makeIndex({ seed: "skopeo/mount" });
    await pushImage(repository("from/here"), { image: index, tag: "v1" });
    const source = `docker://${ref("from/here:v1")}`;
    const target = `docker://${ref("to/there:v2")}`;
    await run("copy", "--all", "--preserve-digests", ...INSECURE, source, target);
    await verifyImage(repository("to/there"), { image: index, reference: "v2" });
  },
);

testSkopeo("lists tags", async ({ ref, repository, run }) => {
  const image = await makeImage({ seed: "skopeo/tags" });
  for (const tag of ["v1", "v10", "v2", "latest"]) {
    await pushImage(repository("tagged"), { image, tag });
  }
  const listed: { Tags: string[] } = JSON.parse(
    await run("list-tags", "--tls-verify=false", `docker://${ref("tagged")}`),
  );
  assertEquals(listed.Tags.sort(), ["latest", "v1", "v10", "v2"]);
});

testSkopeo("deletes an image", async ({ ref, repository, run }) => {
  const image = await makeImage({ seed: "skopeo/delete" });
  const kept = await makeImage({ seed: "skopeo/kept" });
  await pushImage(repository("deleted"), { image, tag: "gone" });
  await pushImage(repository("deleted"), { image: kept, tag: "kept" });
  const remote = `docker://${ref("deleted:gone")}`;
  await run("delete", "--tls-verify=false", remote);
  assertEquals(await manifestStatus(repository("deleted"), "gone"), 404);
  assertEquals(await manifestStatus(repository("deleted"), image.manifest.digest), 404);
  await verifyImage(repository("deleted"), { image: kept, reference: "kept" });
  await assertRejects(() => run("inspect", "--tls-verify=false", remote), Error, "unknown");
});

testSkopeo(
  "synchronizes a repository to a folder and back",
  async ({ ref, repository, run, temp }) => {
    const images = {
      v1: await makeImage({ seed: "skopeo/sync/1" }),
      v2: await makeIndex({ seed: "skopeo/sync/2" }),
    };
    for (const [tag, image] of Object.entries(images)) {
      await pushImage(repository("synced"), { image, tag });
    }
    const folder = await temp.folder("mirror");
    const flags = ["sync", "--all", "--preserve-digests", ...INSECURE];
    await run(...flags, "--src=docker", "--dest=dir", ref("synced"), folder);
    await run(...flags, "--src=dir", "--dest=docker", folder, ref("mirror"));
    for (const [tag, image] of Object.entries(images)) {
      await verifyImage(repository("mirror/synced"), { image, reference: tag });
    }
  },
);
