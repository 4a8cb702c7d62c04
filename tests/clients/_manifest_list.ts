import { assertEquals } from "@std/assert";
import { makeIndex } from "../support/images.ts";
import { pullManifest, pushImage, verifyImage } from "../support/registry_client.ts";
import type { Scene } from "../support/scene.ts";

/** Pushes a list of images, as podman and buildah make one, and looks at all that has come. */
export async function pushManifestList({ ref, repository, run }: Scene): Promise<void> {
  const index = await makeIndex({ seed: "manifest-list" });
  await pushImage(repository("parts"), { image: index });
  const insecure = "--tls-verify=false";
  await run("manifest", "create", "list");
  for (const { manifest } of index.children) {
    await run("manifest", "add", insecure, "list", `docker://${ref(`parts@${manifest.digest}`)}`);
  }
  await run("manifest", "push", "--all", insecure, "list", `docker://${ref("whole:v1")}`);
  const pushed = await pullManifest(repository("whole"), "v1");
  const list: { manifests: { digest: string }[] } = JSON.parse(
    new TextDecoder().decode(pushed.bytes),
  );
  assertEquals(
    list.manifests.map(({ digest }) => digest),
    index.children.map(({ manifest }) => manifest.digest),
  );
  for (const child of index.children) await verifyImage(repository("whole"), { image: child });
}
