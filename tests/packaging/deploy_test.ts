/**
 * The examples of deployments: what can be read of them without the systems they are for.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { parseAll } from "@std/yaml";
import { loadConfig } from "../../src/config/load.ts";

const DEPLOY = new URL("../../deploy/", import.meta.url);

/** A manifest, as far as these tests look into it. */
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly selector?: unknown;
    readonly template?: { readonly spec: PodSpec };
    readonly scaleTargetRef?: { readonly name: string };
  };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly livenessProbe?: { readonly httpGet: { readonly path: string } };
    readonly readinessProbe?: { readonly httpGet?: { readonly path: string } };
    readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
}

async function manifests(): Promise<readonly Manifest[]> {
  const text = await Deno.readTextFile(new URL("kubernetes/registry.yml", DEPLOY));
  return (parseAll as (text: string) => unknown)(text) as readonly Manifest[];
}

Deno.test("the manifest for Kubernetes has all that replicas need, each by its name", async () => {
  const names = (await manifests()).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  assertEquals(names, [
    "ConfigMap registry",
    "Secret registry",
    "Deployment registry",
    "Service registry",
    "PodDisruptionBudget registry",
    "HorizontalPodAutoscaler registry",
    "Deployment registry-redis",
    "Service registry-redis",
  ]);
});

Deno.test("the manifest for Kubernetes configures what this version serves, without a warning", async () => {
  const all = await manifests();
  const text = all.find(({ kind }) => kind === "ConfigMap")?.data?.["config.yml"] ?? "";
  const env = all.find(({ kind }) => kind === "Secret")?.stringData ?? {};

  const { config, warnings } = loadConfig({ text, fileName: "config.yml", env });

  assertEquals(warnings, []);
  const { driver, cache } = config.storage;
  if (driver.name !== "s3") throw new Error(`The driver is "${driver.name}"`);
  assertEquals([driver.accessKey, cache?.blobDescriptor], ["change-me", "redis"]);
  assertEquals(config.redis?.addrs, ["registry-redis:6379"]);
});

Deno.test("the manifest for Kubernetes asks the probes that there are, and waits for the drain", async () => {
  const all = await manifests();
  const pod = all.find(({ kind }) => kind === "Deployment")?.spec?.template?.spec;
  const [container] = pod?.containers ?? [];
  const text = all.find(({ kind }) => kind === "ConfigMap")?.data?.["config.yml"] ?? "";
  const { config } = loadConfig({ text, fileName: "config.yml", env: {} });

  assertEquals(container?.livenessProbe?.httpGet.path, "/livez");
  assertEquals(container?.readinessProbe?.httpGet?.path, "/readyz");
  assertEquals(container?.args, ["serve", "/etc/distribution/config.yml"]);
  assertEquals(container?.ports.map((port) => port.containerPort), [5000, 5001]);
  assert((pod?.terminationGracePeriodSeconds ?? 0) * 1000 > config.http.drainTimeoutMs + 5000);
});

Deno.test("the unit for systemd serves the file that it tells to install, and outlasts the drain", async () => {
  const unit = await Deno.readTextFile(new URL("systemd/stowage.service", DEPLOY));
  const exec = /^ExecStart=(.*)$/m.exec(unit)?.[1];
  assertEquals(exec, "/usr/local/bin/stowage serve /etc/stowage/config.yml");
  assert(unit.includes("deploy/config/minimal.yml /etc/stowage/config.yml"));
  const variable = /^Environment=(REGISTRY_\w+)=(.*)$/m.exec(unit);
  const [, name = "", value = ""] = variable ?? [];
  const text = await Deno.readTextFile(new URL("config/minimal.yml", DEPLOY));
  const { config } = loadConfig({ text, fileName: "config.yml", env: { [name]: value } });
  const { driver } = config.storage;
  if (driver.name !== "filesystem") throw new Error(`The driver is "${driver.name}"`);
  assertEquals(driver.rootDirectory, "/var/lib/stowage");
  const stopSeconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
  assert(stopSeconds * 1000 > config.http.drainTimeoutMs);
});
