/**
 * What every client does with a registry, each in its own words.
 *
 * @module
 */
import { makeImage, writeOciLayout } from "../support/images.ts";
import { podmanArgs } from "../support/podman.ts";
import type { Client, Scene } from "../support/scene.ts";

const INSECURE = "--tls-verify=false";

/** What every client can do, each in its own words. */
export interface Actions {
  readonly client: Client;
  login(scene: Scene, password: string): Promise<unknown>;
  logout(scene: Scene): Promise<unknown>;
  push(scene: Scene, name: string): Promise<unknown>;
  pull(scene: Scene, name: string): Promise<unknown>;
}

const SKOPEO: Actions = {
  client: { program: "skopeo", args: () => ["--insecure-policy"] },
  login: ({ run, registry }, password) =>
    run("login", INSECURE, "--username=alice", `--password=${password}`, registry.host),
  logout: ({ run, registry }) => run("logout", registry.host),
  push: ({ run, ref, temp }, name) =>
    run("copy", "--dest-tls-verify=false", `oci:${temp.join("in")}:v1`, `docker://${ref(name)}`),
  pull: ({ run, ref, temp }, name) =>
    run("copy", "--src-tls-verify=false", `docker://${ref(name)}`, `dir:${temp.join("out")}`),
};

const PODMAN: Actions = {
  client: {
    program: "podman",
    needs: ["root"],
    args: podmanArgs,
  },
  login: ({ run, registry }, password) =>
    run("login", INSECURE, "--username=alice", `--password=${password}`, registry.host),
  logout: ({ run, registry }) => run("logout", registry.host),
  async push({ run, ref, temp }, name) {
    const id = await run("pull", "--quiet", `oci:${temp.join("in")}:v1`);
    await run("push", INSECURE, id, ref(name));
  },
  pull: ({ run, ref }, name) => run("pull", INSECURE, ref(name)),
};

const CRANE: Actions = {
  client: { program: "crane", args: () => ["--insecure"] },
  // It writes the password down and tries it only when it is used.
  async login({ run, registry }, password) {
    await run("auth", "login", registry.host, "--username=alice", `--password=${password}`);
    await run("catalog", registry.host);
  },
  logout: ({ run, registry }) => run("auth", "logout", registry.host),
  push: ({ run, ref, temp }, name) => run("push", temp.join("in"), ref(name)),
  pull: ({ run, ref, temp }, name) => run("pull", ref(name), temp.join("out.tar")),
};

/** Charts have their version from their file, and their name at the end of the repository's. */
const HELM: Actions = {
  client: { program: "helm", args: () => [] },
  login: ({ run, registry }, password) =>
    run("registry", "login", registry.host, "-u=alice", `-p=${password}`, "--plain-http"),
  logout: ({ run, registry }) => run("registry", "logout", registry.host),
  async push({ run, ref, temp }, name) {
    const chart = "apiVersion: v2\nname: app\nversion: 0.1.0\n";
    await Deno.mkdir(temp.join("app"), { recursive: true });
    await Deno.writeTextFile(temp.join("app/Chart.yaml"), chart);
    await run("package", temp.join("app"), "--destination", temp.path);
    await run("push", temp.join("app-0.1.0.tgz"), `oci://${ref(folderOf(name))}`, "--plain-http");
  },
  pull: ({ run, ref, temp }, name) =>
    run(
      ...["pull", `oci://${ref(`${folderOf(name)}/app`)}`, "--version=0.1.0", "--plain-http"],
      ...["--destination", temp.path],
    ),
};

/** Where an image lies: `public` for `public/app:v1`, and a place of its own for `app:v1`. */
function folderOf(name: string): string {
  return name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : "charts";
}

/** All clients. */
export const CLIENTS: readonly Actions[] = [SKOPEO, PODMAN, CRANE, HELM];

/** Lays an image out where all but Helm take what they push. */
export async function layImageOut({ temp }: Scene, seed: string): Promise<void> {
  await writeOciLayout(temp.join("in"), { v1: await makeImage({ seed }) });
}
