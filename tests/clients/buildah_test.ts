import { assertEquals } from "@std/assert";
import { makeImage, MEDIA_TYPES } from "../support/images.ts";
import { listTags, pullManifest, pushImage } from "../support/registry_client.ts";
import { type Client, type Scene, testClient } from "../support/scene.ts";
import { pushManifestList } from "./_manifest_list.ts";

const BUILDAH: Client = {
  program: "buildah",
  needs: ["root"],
  args: (temp) => [
    "--root",
    temp.join("storage"),
    "--runroot",
    temp.join("run"),
    "--storage-driver=vfs",
  ],
};

const INSECURE = "--tls-verify=false";

function testBuildah(name: string, fn: (scene: Scene) => Promise<void>): void {
  testClient(BUILDAH, { name, fn });
}

/** Builds an image from nothing with one file in it, named `name` in buildah's storage. */
async function buildFromScratch(scene: Scene, name: string): Promise<void> {
  const { run, temp } = scene;
  await temp.write("context/hello.txt", `hello from ${name}\n`);
  await temp.write("context/Containerfile", "FROM scratch\nCOPY hello.txt /\nLABEL made=here\n");
  await run("build", "--quiet", "--isolation=chroot", "--tag", name, temp.join("context"));
}

/** The digest buildah keeps for an image. */
async function digestOfLocal({ run }: Scene, name: string): Promise<string> {
  return await run("images", "--noheading", "--format={{.Digest}}", name);
}

for (const format of ["oci", "v2s2"] as const) {
  testBuildah(`builds from scratch, pushes as ${format} and pulls it again`, async (scene) => {
    const { ref, repository, run, temp } = scene;
    await buildFromScratch(scene, "made");
    const digestFile = temp.join("digest");
    const push = ["push", "--quiet", INSECURE, `--format=${format}`];
    await run(...push, `--digestfile=${digestFile}`, "made", `docker://${ref("built:v1")}`);
    const pushed = await pullManifest(repository("built"), "v1");
    assertEquals(await Deno.readTextFile(digestFile), pushed.digest);
    assertEquals(pushed.mediaType, MEDIA_TYPES[format === "oci" ? "oci" : "docker"].manifest);
    await run("rmi", "--all", "--force");
    await run("pull", "--quiet", INSECURE, ref("built:v1"));
    assertEquals(await digestOfLocal(scene, ref("built:v1")), pushed.digest);
  });
}

testBuildah("builds upon an image of the registry", async (scene) => {
  const { ref, repository, run, temp } = scene;
  const base = await makeImage({ seed: "buildah/base" });
  await pushImage(repository("base"), { image: base, tag: "v1" });
  await temp.write("context/added.txt", "added\n");
  await temp.write("context/Containerfile", `FROM ${ref("base:v1")}\nCOPY added.txt /\n`);
  const build = ["build", "--quiet", "--layers", "--isolation=chroot", INSECURE];
  await run(...build, "--tag", ref("derived:v1"), temp.join("context"));
  await run("push", "--quiet", INSECURE, ref("derived:v1"));
  const config = await run("inspect", "--type=image", "--format={{.OCIv1}}", ref("derived:v1"));
  assertEquals(config.includes("buildah/base"), true);
  assertEquals(await listTags(repository("derived")), ["v1"]);
});

testBuildah("pushes zstd:chunked layers and pulls them again", async (scene) => {
  const { ref, repository, run } = scene;
  await buildFromScratch(scene, "made");
  const push = ["push", "--quiet", INSECURE, "--format=oci", "--compression-format=zstd:chunked"];
  await run(...push, "made", `docker://${ref("chunked:v1")}`);
  const pushed = await pullManifest(repository("chunked"), "v1");
  const manifest: { layers: { mediaType: string }[] } = JSON.parse(
    new TextDecoder().decode(pushed.bytes),
  );
  assertEquals(
    manifest.layers.map(({ mediaType }) => mediaType),
    ["application/vnd.oci.image.layer.v1.tar+zstd"],
  );
  await run("rmi", "--all", "--force");
  await run("pull", "--quiet", INSECURE, ref("chunked:v1"));
  assertEquals(await digestOfLocal(scene, ref("chunked:v1")), pushed.digest);
});

testBuildah("pushes a manifest with all its images", pushManifestList);
