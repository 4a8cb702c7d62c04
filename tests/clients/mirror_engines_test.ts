/**
 * Docker's engine and containerd with Stowage as their mirror, configured as docs/mirror.md says.
 *
 * @module
 */
import { assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type Image, makeImage } from "../support/images.ts";
import { freePort, run, ServerProcess } from "../support/process.ts";
import { pushImage } from "../support/registry_client.ts";
import { type Registry, startDistribution3, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { programPath, testWith } from "../support/tools.ts";

/** An upstream with an image. */
async function startUpstream(
  temp: TempFolder,
  name: string,
): Promise<{ readonly upstream: Registry; readonly image: Image }> {
  const upstream = await startDistribution3({ folder: await temp.folder("upstream") });
  const image = await makeImage({ seed: `engines/${name}`, layerSizes: [1000, 3_000_000] });
  await pushImage({ url: upstream.url, name }, { image, tag: "v1" });
  return { upstream, image };
}

testWith(["dockerd", "containerd", "docker", "root", "registry"], {
  name: "Docker's engine pulls Docker Hub's images from a mirror, also while the hub is away",
  async fn() {
    await using temp = await TempFolder.make();
    const { upstream, image } = await startUpstream(temp, "library/app");
    try {
      await using cache = await startStowage({
        folder: await temp.folder("cache"),
        config: { proxy: { remoteurl: upstream.url } },
      });
      const address = `127.0.0.1:${freePort()}`;
      const folder = await temp.folder("docker");
      const settings = await temp.write(
        "daemon.json",
        JSON.stringify({ "registry-mirrors": [cache.url], "storage-driver": "vfs" }),
      );
      await using _engine = await ServerProcess.start({
        command: programPath("dockerd"),
        args: [
          ...[`--config-file=${settings}`, `--host=tcp://${address}`, "--tls=false"],
          ...[`--data-root=${folder}/data`, `--exec-root=${folder}/exec`],
          ...[`--pidfile=${folder}/pid`, "--iptables=false", "--ip6tables=false", "--bridge=none"],
        ],
        readyUrl: `http://${address}/_ping`,
      });
      const env = { DOCKER_HOST: `tcp://${address}`, HOME: await temp.folder("home") };
      const docker = (...args: string[]) => run([programPath("docker"), ...args], { env });
      for (let round = 0; round < 2; round++) {
        assertStringIncludes(await docker("pull", "app:v1"), image.manifest.digest);
        await docker("rmi", "app:v1");
        await upstream[Symbol.asyncDispose]();
      }
    } finally {
      await upstream[Symbol.asyncDispose]();
    }
  },
});

testWith(["containerd", "ctr", "root", "registry"], {
  name: "containerd pulls from a mirror of several registries by hosts.toml",
  async fn() {
    await using temp = await TempFolder.make();
    const { upstream, image } = await startUpstream(temp, "team/app");
    try {
      await using cache = await startStowage({
        folder: await temp.folder("cache"),
        config: { proxy: { upstreams: [{ prefix: "hub.invalid", remoteurl: upstream.url }] } },
      });
      const folder = await temp.folder("containerd");
      const socket = join(folder, "socket");
      const port = freePort();
      const settings = await temp.write(
        "containerd.toml",
        `version = 2\nroot = "${folder}/root"\nstate = "${folder}/state"\n` +
          `disabled_plugins = ["io.containerd.grpc.v1.cri"]\n` +
          `[grpc]\naddress = "${socket}"\n[metrics]\naddress = "127.0.0.1:${port}"\n`,
      );
      await temp.folder("hosts", "hub.invalid");
      await temp.write(
        "hosts/hub.invalid/hosts.toml",
        `server = "http://hub.invalid"\n[host."${cache.url}"]\ncapabilities = ["pull", "resolve"]\n`,
      );
      await using _engine = await ServerProcess.start({
        command: programPath("containerd"),
        args: ["--config", settings],
        readyUrl: port,
      });
      const ctr = (...args: string[]) => run([programPath("ctr"), "--address", socket, ...args]);
      for (let round = 0; round < 2; round++) {
        const hosts = ["--hosts-dir", temp.join("hosts")];
        await ctr("content", "fetch", ...hosts, "hub.invalid/team/app:v1");
        assertStringIncludes(await ctr("images", "list"), image.manifest.digest);
        await ctr("images", "remove", "--sync", "hub.invalid/team/app:v1");
        await upstream[Symbol.asyncDispose]();
      }
    } finally {
      await upstream[Symbol.asyncDispose]();
    }
  },
});
