/**
 * Builds the container image as `Containerfile` says, on a base made here because none can be
 * downloaded, pushes it to a registry that runs from the same executable, and starts it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { makeImage } from "../support/images.ts";
import { freePort, run, ServerProcess } from "../support/process.ts";
import { pullManifest, pushImage, verifyImage } from "../support/registry_client.ts";
import { startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { executablePath, programPath, testWith } from "../support/tools.ts";

const PROJECT_ROOT: string = join(import.meta.dirname ?? ".", "../..");

/** The user of the image. */
const USER = "65532:65532";

/** Runs buildah with all it keeps in one folder. */
class Buildah {
  readonly #flags: readonly string[];

  constructor(folder: string) {
    const folders = ["--root", join(folder, "storage"), "--runroot", join(folder, "run")];
    this.#flags = [...folders, "--storage-driver=vfs"];
  }

  /** The command line of a buildah command. */
  argv(...args: readonly string[]): [command: string, ...args: string[]] {
    return [programPath("buildah"), ...this.#flags, ...args];
  }

  /** Runs a command and gives what it prints. */
  run(...args: readonly string[]): Promise<string> {
    return run(this.argv(...args));
  }
}

/** Makes a base with the shared libraries of this machine that the executable is linked to. */
async function makeBase(buildah: Buildah): Promise<string> {
  const base = await buildah.run("from", "scratch");
  const linked = await run(["ldd", executablePath()]);
  for (const [path] of linked.matchAll(/\/[^ ]+/g)) {
    await buildah.run("copy", "--quiet", base, await Deno.realPath(path), path);
  }
  await buildah.run("commit", "--quiet", base, "localhost/base");
  return "localhost/base";
}

/** Builds the image in a copy of the files it is made of. */
async function buildImage(buildah: Buildah, context: string): Promise<string> {
  for (const path of ["Containerfile", "deploy/container.yml"]) {
    await Deno.mkdir(dirname(join(context, path)), { recursive: true });
    await Deno.copyFile(join(PROJECT_ROOT, path), join(context, path));
  }
  await Deno.mkdir(join(context, "dist/volume"), { recursive: true });
  await Deno.copyFile(executablePath(), join(context, "dist/stowage"));
  const base = await makeBase(buildah);
  const options = ["--quiet", "--isolation=chroot", "--format=docker", "--pull-never"];
  const tags = ["--build-arg", `BASE=${base}`, "--tag", "localhost/stowage"];
  await buildah.run("build", ...options, ...tags, context);
  return "localhost/stowage";
}

/** The part of an image's configuration that is looked at here. */
interface ImageConfig {
  readonly config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly ExposedPorts: Readonly<Record<string, unknown>>;
    readonly Volumes: Readonly<Record<string, unknown>>;
    readonly Healthcheck: { readonly Test: readonly string[] };
  };
}

testWith(["buildah", "root", "executable"], {
  name: "Containerfile makes an image that Stowage keeps and that serves",
  fn: async (t) => {
    await using temp = await TempFolder.make();
    const buildah = new Buildah(temp.join("builder"));
    const image = await buildImage(buildah, await temp.folder("context"));

    await t.step("it is pushed to Stowage and pulled bit for bit", async () => {
      await using registry = await startStowage({ folder: temp.path });
      const name = `${registry.host}/stowage:ci`;
      const digestFile = temp.join("digest");
      const push = ["push", "--quiet", "--tls-verify=false", `--digestfile=${digestFile}`];
      await buildah.run(...push, image, `docker://${name}`);
      const repository = { url: registry.url, name: "stowage" };
      const { digest, bytes } = await pullManifest(repository, "ci");
      assertEquals(await Deno.readTextFile(digestFile), digest);
      const other = new Buildah(temp.join("other"));
      await other.run("pull", "--quiet", "--tls-verify=false", name);
      assertEquals(await other.run("images", "--noheading", "--format={{.Digest}}", name), digest);
      const { layers }: { layers: { size: number }[] } = JSON.parse(
        new TextDecoder().decode(bytes),
      );
      const sizeBytes = layers.reduce((sum, { size }) => sum + size, 0);
      console.log(`packaging: the image has ${Math.round(sizeBytes / 1e6)} MB compressed`);
    });

    await t.step("it is not run as root and says how to ask for its health", async () => {
      const json = await buildah.run("inspect", "--type=image", image);
      const { Docker: { config } }: { Docker: ImageConfig } = JSON.parse(json);
      assertEquals(config.User, USER);
      assertEquals(Object.keys(config.ExposedPorts), ["5000/tcp"]);
      assertEquals(Object.keys(config.Volumes), ["/var/lib/registry"]);
      assertEquals(config.Healthcheck.Test[1], config.Entrypoint[0]);
    });

    await t.step("it serves", async () => {
      const port = freePort();
      const container = await buildah.run("from", "--pull-never", image);
      const [command, ...args] = buildah.argv(
        ...["run", "--isolation=chroot", "--env", `REGISTRY_HTTP_ADDR=127.0.0.1:${port}`],
        ...[container, "--", "/usr/local/bin/stowage", "serve", "/etc/distribution/config.yml"],
      );
      const url = `http://127.0.0.1:${port}`;
      await using _server = await ServerProcess.start({ command, args, readyUrl: `${url}/v2/` });
      const pushed = await makeImage({ seed: "packaging" });
      await pushImage({ url, name: "inside" }, { image: pushed, tag: "v1" });
      await verifyImage({ url, name: "inside" }, { image: pushed, reference: "v1" });
      const health = ["/usr/local/bin/stowage", "health", "/etc/distribution/config.yml"];
      await buildah.run(
        ...["run", "--isolation=chroot", "--env", `REGISTRY_HTTP_ADDR=127.0.0.1:${port}`],
        ...[container, "--", ...health],
      );
    });
  },
});
