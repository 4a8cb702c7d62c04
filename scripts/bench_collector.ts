/**
 * Measures the garbage collector beside Distribution's, on the same tree: `deno run -A
 * scripts/bench_collector.ts [--blobs=100000] [--manifests=10000]`. It needs Distribution's
 * `registry` on the path, or in Go's folder of programs.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { parseArgs } from "@std/cli/parse-args";

/** What a collector did. */
export interface Measured {
  readonly seconds: number;
  /** Time of the processors, which depends less on what else the machine does. */
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  /** Files that are left, without the root of the tree. */
  readonly left: readonly string[];
}

/** How large a tree is. */
export interface TreeSize {
  readonly blobs: number;
  readonly manifests: number;
  /** Manifests that have a tag; the others are untagged. */
  readonly tagged: number;
}

/** Size of each blob, in bytes: what is measured is files, not bytes. */
const BLOB_BYTES = 64;

/** Manifests in a repository. */
const MANIFESTS_EACH = 100;

/**
 * Makes a store: each manifest needs its share of nine in ten blobs, the rest is linked only.
 *
 * @returns the digests of the manifests that have a tag, and of what they need
 */
export function makeTree(root: string, { blobs, manifests, tagged }: TreeSize): readonly string[] {
  const v2 = join(root, "docker/registry/v2");
  const needed: string[] = [];
  const each = Math.floor(blobs * 0.9 / manifests) - 1;
  let next = 0;
  for (let number = 0; number < manifests; number++) {
    const repository = join(
      v2,
      "repositories",
      `group/repository-${Math.floor(number / MANIFESTS_EACH)}`,
    );
    const pieces = Array.from({ length: each }, () => putBlob(v2, repository, next++));
    const [config = "", ...layers] = pieces;
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: descriptor("application/vnd.oci.image.config.v1+json", config),
      layers: layers.map((layer) => descriptor("application/vnd.oci.image.layer.v1.tar", layer)),
    });
    const digest = putContent(v2, manifest);
    putLink(join(repository, "_manifests/revisions/sha256", digest), digest);
    if (number % MANIFESTS_EACH >= MANIFESTS_EACH * tagged / manifests) continue;
    const tag = join(repository, "_manifests/tags", `v${number}`);
    putLink(join(tag, "current"), digest);
    putLink(join(tag, "index/sha256", digest), digest);
    needed.push(...[digest, ...pieces].map((hex) => `sha256:${hex}`));
  }
  const rest = join(v2, "repositories/group/repository-0");
  while (next < blobs - manifests) putBlob(v2, rest, next++);
  return needed;
}

/** Runs a collector and tells what it took. */
export async function measure(command: readonly string[], root: string): Promise<Measured> {
  const [program = "", ...args] = command;
  const report = await Deno.makeTempFile();
  const startedAt = performance.now();
  const { success, stderr } = await new Deno.Command("/usr/bin/time", {
    args: ["-f", "%M %U %S", "-o", report, program, ...args],
    stdout: "null",
    stderr: "piped",
    env: { OTEL_TRACES_EXPORTER: "none" },
  }).output();
  const seconds = (performance.now() - startedAt) / 1000;
  if (!success) throw new Error(new TextDecoder().decode(stderr).slice(-2000));
  const line = (await Deno.readTextFile(report)).trim().split("\n").at(-1) ?? "";
  const [kilobytes = 0, user = 0, system = 0] = line.split(" ").map(Number);
  await Deno.remove(report);
  return {
    seconds,
    cpuSeconds: user + system,
    peakMiB: kilobytes / 1024,
    left: listFiles(root),
  };
}

/** Every file below a folder, sorted; folders may go while it looks. */
export function listFiles(root: string): string[] {
  const files: string[] = [];
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const { name, isDirectory } of entriesOf(folder)) {
      if (isDirectory) pending.push(join(folder, name));
      else files.push(join(folder, name).slice(root.length));
    }
  }
  return files.sort();
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function putBlob(v2: string, repository: string, number: number): string {
  const digest = putContent(v2, String(number).padEnd(BLOB_BYTES, "."));
  putLink(join(repository, "_layers/sha256", digest), digest);
  return digest;
}

function putContent(v2: string, content: string): string {
  const digest = createHash("sha256").update(content).digest("hex");
  const folder = join(v2, "blobs/sha256", digest.slice(0, 2), digest);
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(join(folder, "data"), content);
  return digest;
}

function putLink(folder: string, digest: string): void {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(join(folder, "link"), `sha256:${digest}`);
}

function descriptor(mediaType: string, hex: string) {
  return { mediaType, digest: `sha256:${hex}`, size: BLOB_BYTES };
}

/** The command lines of the collectors, without their configuration. */
export function collectors(): Readonly<Record<"stowage" | "distribution", readonly string[]>> {
  const go = Deno.env.get("GOPATH") ?? join(Deno.env.get("HOME") ?? "", "go");
  const entry = join(import.meta.dirname ?? ".", "../src/main.ts");
  const binary = Deno.env.get("STOWAGE_TEST_BINARY");
  const stowage = binary === undefined ? [Deno.execPath(), "run", "-A", entry] : [binary];
  return {
    stowage: [...stowage, "garbage-collect", "-m", "-q"],
    distribution: [join(go, "bin/registry"), "garbage-collect", "-m", "-q"],
  };
}

/** Makes a tree in a folder of this name, has it collected, and removes it. */
export async function measureOn(
  folder: string,
  { name, command, size }: {
    readonly name: string;
    readonly command: readonly string[];
    readonly size: TreeSize;
  },
): Promise<Measured> {
  const root = join(folder, name);
  makeTree(root, size);
  const config = join(folder, `${name}.yml`);
  const storage = { filesystem: { rootdirectory: root } };
  const http = { addr: "127.0.0.1:0" };
  await Deno.writeTextFile(config, JSON.stringify({ version: "0.1", storage, http }));
  const result = await measure([...command, config], root);
  const { seconds, cpuSeconds, peakMiB, left } = result;
  const times = `${seconds.toFixed(1)} s (processors ${cpuSeconds.toFixed(1)} s)`;
  const rest = `${peakMiB.toFixed(0)} MiB, ${left.length} files left`;
  console.log(`collector: ${name} ${times}, ${rest}`);
  await Deno.remove(root, { recursive: true });
  return result;
}

/** Measures both collectors on trees that are alike, and compares what they leave. */
async function main(): Promise<void> {
  const flags = (parseArgs as (args: readonly string[]) => Record<string, unknown>)(Deno.args);
  const manifests = Number(flags["manifests"] ?? 10_000);
  const size = { blobs: Number(flags["blobs"] ?? 100_000), manifests, tagged: manifests / 2 };
  const folder = await Deno.makeTempDir({ prefix: "stowage-collector-" });
  const { stowage, distribution } = collectors();
  try {
    const ours = await measureOn(folder, { name: "stowage", command: stowage, size });
    const theirs = await measureOn(folder, { name: "distribution", command: distribution, size });
    const ratio = (theirs.seconds / ours.seconds).toFixed(1);
    const cpuRatio = (theirs.cpuSeconds / ours.cpuSeconds).toFixed(1);
    const isSame = JSON.stringify(ours.left) === JSON.stringify(theirs.left);
    console.log(
      `collector: ${ratio} times as fast (processors ${cpuRatio} times), same result: ${isSame}`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main();
