import { assertEquals, assertRejects } from "@std/assert";
import { makeImage, makeIndex, writeOciLayout } from "../support/images.ts";
import {
  listTags,
  manifestStatus,
  pullManifest,
  pushImage,
  verifyImage,
} from "../support/registry_client.ts";
import { type Client, type Scene, testClient } from "../support/scene.ts";

const CRANE: Client = { program: "crane", args: () => ["--insecure"] };

function testCrane(name: string, fn: (scene: Scene) => Promise<void>): void {
  testClient(CRANE, { name, fn });
}

testCrane("pushes a layout and pulls it back bit for bit", async (scene) => {
  const { ref, repository, run, temp } = scene;
  const image = await makeImage({ seed: "crane/push", layerSizes: [50, 2_500_000] });
  await writeOciLayout(temp.join("in"), { v1: image });
  const printed = await run("push", temp.join("in"), ref("pushed:v1"));
  assertEquals(printed, ref(`pushed@${image.manifest.digest}`));
  await verifyImage(repository("pushed"), { image, reference: "v1" });
  await run("pull", "--format=oci", ref("pushed:v1"), temp.join("out"));
  for (const { digest, bytes } of [image.manifest, ...image.blobs]) {
    assertEquals(await Deno.readFile(temp.join("out/blobs", digest.replace(":", "/"))), bytes);
  }
});

testCrane("pushes an index and pulls one platform as an archive", async (scene) => {
  const { ref, repository, run, temp } = scene;
  const index = await makeIndex({ seed: "crane/index" });
  await writeOciLayout(temp.join("in"), { v1: index });
  await run("push", "--index", temp.join("in"), ref("indexed:v1"));
  for (const child of index.children) await verifyImage(repository("indexed"), { image: child });
  // What is pushed is the index of the layout, in which the image's own index is nested.
  const name = ref(`indexed@${index.manifest.digest}`);
  await run("pull", "--platform=linux/s390x", name, temp.join("one.tar"));
  await run("push", temp.join("one.tar"), ref("single:v1"));
  const config = JSON.parse(await run("config", ref("single:v1")));
  assertEquals(config.architecture, "s390x");
});

testCrane("validates an image and an index", async ({ ref, repository, run }) => {
  await pushImage(repository("valid"), {
    image: await makeImage({ seed: "crane/valid" }),
    tag: "image",
  });
  await pushImage(repository("valid"), {
    image: await makeIndex({ seed: "crane/valid" }),
    tag: "index",
  });
  for (const tag of ["image", "index"]) {
    const printed = await run("validate", "--remote", ref(`valid:${tag}`));
    assertEquals(printed.startsWith("PASS"), true, printed);
  }
});

testCrane("copies a multi-architecture image within the registry", async (scene) => {
  const { ref, repository, run } = scene;
  const index = await makeIndex({ seed: "crane/copy", format: "docker" });
  await pushImage(repository("from"), { image: index, tag: "v1" });
  await run("copy", ref("from:v1"), ref("team/to:v2"));
  await verifyImage(repository("team/to"), { image: index, reference: "v2" });
});

testCrane("copies all tags of a repository", async ({ ref, repository, run }) => {
  for (const tag of ["a", "b"]) {
    await pushImage(repository("from"), { image: await makeImage({ seed: tag }), tag });
  }
  await run("copy", "--all-tags", ref("from"), ref("to"));
  assertEquals([...await listTags(repository("to"))].sort(), ["a", "b"]);
});

testCrane("mutates an image", async ({ ref, repository, run }) => {
  const image = await makeImage({ seed: "crane/mutate" });
  await pushImage(repository("mutated"), { image, tag: "v1" });
  await run("mutate", "--label=made=new", `--tag=${ref("mutated:v2")}`, ref("mutated:v1"));
  const config = JSON.parse(await run("config", ref("mutated:v2")));
  assertEquals(config.config.Labels, { seed: "crane/mutate", made: "new" });
  const digest = await run("digest", ref("mutated:v2"));
  assertEquals((await pullManifest(repository("mutated"), "v2")).digest, digest);
  await run("validate", "--remote", ref("mutated:v2"));
});

testCrane("appends images to an index", async ({ ref, repository, run }) => {
  const index = await makeIndex({ seed: "crane/append" });
  const added = await makeImage({
    seed: "crane/added",
    platform: { os: "linux", architecture: "riscv64" },
  });
  await pushImage(repository("whole"), { image: index, tag: "v1" });
  await pushImage(repository("whole"), { image: added, tag: "riscv64" });
  const tag = `--tag=${ref("whole:v2")}`;
  await run("index", "append", `--manifest=${ref("whole:riscv64")}`, tag, ref("whole:v1"));
  const { bytes } = await pullManifest(repository("whole"), "v2");
  const list: { manifests: { digest: string }[] } = JSON.parse(new TextDecoder().decode(bytes));
  assertEquals(
    list.manifests.map(({ digest }) => digest),
    [...index.children, added].map(({ manifest }) => manifest.digest),
  );
});

testCrane("tags, lists and deletes", async ({ ref, repository, run }) => {
  const image = await makeImage({ seed: "crane/delete" });
  await pushImage(repository("team/app"), { image, tag: "v1" });
  await run("tag", ref("team/app:v1"), "latest");
  assertEquals((await run("ls", ref("team/app"))).split("\n").sort(), ["latest", "v1"]);
  assertEquals(await run("catalog", ref("").slice(0, -1)), "team/app");
  await run("delete", ref(`team/app@${image.manifest.digest}`));
  assertEquals(await manifestStatus(repository("team/app"), "latest"), 404);
  await assertRejects(() => run("manifest", ref("team/app:v1")), Error, "MANIFEST_UNKNOWN");
});

testCrane("reads manifests, blobs and exports", async ({ ref, repository, run }) => {
  const image = await makeImage({ seed: "crane/read", layerSizes: [10] });
  await pushImage(repository("read"), { image, tag: "v1" });
  const manifest = new TextDecoder().decode(image.manifest.bytes);
  assertEquals(await run("manifest", ref("read:v1")), manifest);
  const config = new TextDecoder().decode(image.blobs[0]?.bytes);
  assertEquals(await run("blob", ref(`read@${image.blobs[0]?.digest}`)), config);
  const archive = await run("export", ref("read:v1"), "-");
  assertEquals(archive.includes("data/layer-0.bin"), true);
});
