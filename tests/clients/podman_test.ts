import { assertEquals, assertNotEquals } from "@std/assert";
import { makeImage, makeIndex, MEDIA_TYPES, writeOciLayout } from "../support/images.ts";
import { podmanArgs } from "../support/podman.ts";
import { pullManifest, pushImage } from "../support/registry_client.ts";
import { type Client, type Scene, testClient } from "../support/scene.ts";
import { pushManifestList } from "./_manifest_list.ts";

const PODMAN: Client = {
  program: "podman",
  needs: ["root"],
  args: podmanArgs,
};

const INSECURE = "--tls-verify=false";

function testPodman(name: string, fn: (scene: Scene) => Promise<void>): void {
  testClient(PODMAN, { name, fn });
}

/** The files of an image in podman's storage, as the digest of each layer's content. */
async function layersOf({ run }: Scene, image: string): Promise<readonly string[]> {
  const layers = await run("image", "inspect", "--format", "{{json .RootFS.Layers}}", image);
  return JSON.parse(layers);
}

for (const format of ["oci", "docker"] as const) {
  testPodman(`pulls the ${format} image that was pushed`, async (scene) => {
    const image = await makeImage({ seed: `podman/pull/${format}`, format });
    await pushImage(scene.repository("app"), { image, tag: "v1" });
    await scene.run("pull", "--quiet", INSECURE, scene.ref("app:v1"));
    const digest = await scene.run("image", "inspect", "--format={{.Digest}}", scene.ref("app:v1"));
    assertEquals(digest, image.manifest.digest);
    const config: { rootfs: { diff_ids: string[] } } = JSON.parse(
      new TextDecoder().decode(image.blobs[0]?.bytes),
    );
    assertEquals(await layersOf(scene, scene.ref("app:v1")), config.rootfs.diff_ids);
  });
}

testPodman("pulls the image of its platform out of an index", async (scene) => {
  const index = await makeIndex({ seed: "podman/index" });
  await pushImage(scene.repository("app"), { image: index, tag: "multi" });
  const name = scene.ref("app:multi");
  await scene.run("pull", "--quiet", INSECURE, "--platform=linux/s390x", name);
  const architecture = await scene.run("image", "inspect", "--format={{.Architecture}}", name);
  assertEquals(architecture, "s390x");
});

testPodman("pulls by digest", async ({ ref, repository, run }) => {
  const image = await makeImage({ seed: "podman/digest" });
  await pushImage(repository("app"), { image });
  const name = ref(`app@${image.manifest.digest}`);
  await run("pull", "--quiet", INSECURE, name);
  assertEquals(await run("image", "inspect", "--format={{.Digest}}", name), image.manifest.digest);
});

for (const format of ["oci", "v2s2"] as const) {
  testPodman(`pushes as ${format} what it pulled, and pulls it again`, async (scene) => {
    const { ref, repository, run, temp } = scene;
    const image = await makeImage({ seed: `podman/push/${format}`, layerSizes: [10, 1_500_000] });
    await pushImage(repository("from"), { image, tag: "v1" });
    await run("pull", "--quiet", INSECURE, ref("from:v1"));
    const before = await layersOf(scene, ref("from:v1"));
    const digestFile = temp.join("digest");
    const push = ["push", "--quiet", INSECURE, `--digestfile=${digestFile}`, `--format=${format}`];
    await run(...push, ref("from:v1"), ref("to:v2"));
    const pushed = await pullManifest(repository("to"), "v2");
    assertEquals(await Deno.readTextFile(digestFile), pushed.digest);
    assertEquals(
      pushed.mediaType,
      MEDIA_TYPES[format === "oci" ? "oci" : "docker"].manifest,
    );
    await run("rmi", "--all", "--force");
    await run("pull", "--quiet", INSECURE, ref("to:v2"));
    assertEquals(await layersOf(scene, ref("to:v2")), before);
  });
}

testPodman("pushes zstd:chunked layers and pulls them again", async (scene) => {
  const { ref, repository, run, temp } = scene;
  const image = await makeImage({ seed: "podman/zstd", layerSizes: [3_000_000] });
  await writeOciLayout(temp.join("in"), { v1: image });
  // From a folder: a layer that came from this registry would be mounted as it is.
  const local = await run("pull", "--quiet", `oci:${temp.join("in")}:v1`);
  const before = await layersOf(scene, local);
  const push = ["push", "--quiet", INSECURE, "--format=oci", "--compression-format=zstd:chunked"];
  await run(...push, local, `docker://${ref("chunked:v1")}`);
  const pushed = await pullManifest(repository("chunked"), "v1");
  const manifest: { layers: { mediaType: string; annotations?: Record<string, string> }[] } = JSON
    .parse(new TextDecoder().decode(pushed.bytes));
  const [layer] = manifest.layers;
  assertEquals(layer?.mediaType, "application/vnd.oci.image.layer.v1.tar+zstd");
  assertNotEquals(layer?.annotations?.["io.containers.zstd-chunked.manifest-checksum"], undefined);
  await run("rmi", "--all", "--force");
  await run("pull", "--quiet", INSECURE, ref("chunked:v1"));
  assertEquals(await layersOf(scene, ref("chunked:v1")), before);
});

testPodman("pushes a manifest list with all its images", pushManifestList);

testPodman("logs in and out of a registry without accounts", async ({ ref, run, temp }) => {
  const host = ref("").slice(0, -1);
  const file = `--authfile=${temp.join("auth.json")}`;
  await run("login", INSECURE, file, "--username=someone", "--password=anything", host);
  await run("logout", file, host);
});
