/**
 * What a test needs from the machine, and what becomes of the test where it is missing.
 *
 * A missing program makes a test be skipped with its reason printed, so that the suite runs
 * anywhere; with `STOWAGE_TEST_REQUIRE=all` it makes the test fail, so that a suite that claims to
 * have tried everything has.
 *
 * @module
 */
import { DELIMITER, join } from "@std/path";

/** A program or a right that a test may need. */
interface Tool {
  /** Other places to look than the folders of PATH. */
  readonly folders?: readonly string[];
  /** How to get it, for the one who reads the reason. */
  readonly advice: string;
  /** Tells whether what was found will do; only its name is looked at without this. */
  readonly verify?: (path: string) => boolean;
}

const GO_FOLDERS = [Deno.env.get("GOBIN"), goPath()].filter((folder) => folder !== undefined);

const PROGRAMS = {
  curl: { advice: "apt-get install curl" },
  skopeo: { advice: "apt-get install skopeo" },
  python3: { advice: "apt-get install python3" },
  go: { folders: ["/usr/local/go/bin"], advice: "apt-get install golang-go" },
  rsync: { advice: "apt-get install rsync" },
  script: { advice: "apt-get install bsdutils" },
  time: { folders: ["/usr/bin"], advice: "apt-get install time" },
  containerd: { advice: "apt-get install containerd" },
  ctr: { advice: "apt-get install containerd" },
  docker: { advice: "apt-get install docker.io" },
  dockerd: { folders: ["/usr/sbin"], advice: "apt-get install docker.io" },
  podman: { advice: "apt-get install podman" },
  buildah: { advice: "apt-get install buildah" },
  "docker-registry": { advice: "apt-get install docker-registry" },
  "fake-gcs-server": {
    folders: GO_FOLDERS,
    advice: "go install github.com/fsouza/fake-gcs-server@v1.56.1",
  },
  "azurite-blob": { advice: "npm install --global azurite@3.37.0" },
  nginx: { folders: ["/usr/sbin"], advice: "apt-get install nginx-light" },
  "redis-server": { advice: "apt-get install redis-server" },
  crane: {
    folders: GO_FOLDERS,
    advice: "go install github.com/google/go-containerregistry/cmd/crane@v0.22.1",
  },
  helm: {
    folders: GO_FOLDERS,
    advice: "go install helm.sh/helm/v3/cmd/helm@v3.19.0",
  },
  conformance: {
    folders: GO_FOLDERS,
    advice: "go install github.com/opencontainers/distribution-spec/conformance@" +
      "v0.0.0-20260831232431-97274622c111",
  },
  pebble: {
    folders: GO_FOLDERS,
    advice: "go install github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1",
  },
  "pebble-challtestsrv": {
    folders: GO_FOLDERS,
    advice: "go install github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv@v2.10.1",
  },
  wrk: { advice: "apt-get install wrk" },
  versitygw: {
    folders: GO_FOLDERS,
    advice: "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0",
  },
  registry: {
    folders: GO_FOLDERS,
    advice: "go install github.com/distribution/distribution/v3/cmd/registry@v3.1.2",
    verify: (path) => outputOf(path, "--version").includes("distribution/v3 v3.1"),
  },
} as const satisfies Record<string, Tool>;

/** A program that tests know. */
export type Program = keyof typeof PROGRAMS;

/** What is no program, with the sentence for the one who misses it. */
const ABILITIES = {
  root: { advice: "run the tests as root", has: () => Deno.uid() === 0 },
  linux: { advice: "run the tests on Linux", has: () => Deno.build.os === "linux" },
  executable: {
    advice: "run deno task compile",
    has: () => isExecutable(executablePath()),
  },
  tmpfs: { advice: "run the tests as root, with the right to mount", has: canMount },
} as const satisfies Record<string, { readonly advice: string; readonly has: () => boolean }>;

/** The executable that `STOWAGE_TEST_BINARY` names, or the one that `deno task compile` makes. */
export function executablePath(): string {
  const made: string = join(import.meta.dirname ?? ".", "../../dist/stowage");
  return Deno.env.get("STOWAGE_TEST_BINARY") || made;
}

/** Something a test may need that is no program. */
export type Ability = keyof typeof ABILITIES;

/** Whether a test runs, and the reason where it does not. */
export interface Requirement {
  readonly ignore: boolean;
  /** What is missing and how to get it. */
  readonly reason: string | undefined;
}

/** The absolute path of a program; `undefined` where it is not installed. */
export function findProgram(name: Program): string | undefined {
  const tool: Tool = PROGRAMS[name];
  const folders = [...(Deno.env.get("PATH") ?? "").split(DELIMITER), ...(tool.folders ?? [])];
  return folders.filter((folder) => folder !== "").map((folder) => join(folder, name))
    .find((path) => isExecutable(path) && (tool.verify?.(path) ?? true));
}

/**
 * The absolute path of a program that a test has asked for with {@linkcode requires}.
 *
 * @throws {Error} where it is not installed
 */
export function programPath(name: Program): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`Install "${name}": ${PROGRAMS[name].advice}`);
  return path;
}

/**
 * Says whether a test can run: `Deno.test({ name, ...requires("skopeo"), fn })`.
 *
 * @throws {Error} where something is missing and `STOWAGE_TEST_REQUIRE` is `all`
 */
export function requires(...needs: readonly (Program | Ability)[]): Requirement {
  const reason = missing(needs);
  if (reason !== undefined && mustRunAll()) throw new Error(`Cannot test: ${reason}`);
  return { ignore: reason !== undefined, reason };
}

/** Registers a test that needs programs; where one is missing, the reason is printed. */
export function testWith(
  needs: readonly (Program | Ability)[],
  test: { readonly name: string; readonly fn: (t: Deno.TestContext) => Promise<void> },
): void {
  const reason = missing(needs);
  if (reason === undefined) {
    Deno.test(test.name, test.fn);
  } else if (mustRunAll()) {
    Deno.test(test.name, () => {
      throw new Error(`Cannot test: ${reason}`);
    });
  } else {
    console.log(`skipped: "${test.name}" ${reason}`);
    Deno.test({ ...test, ignore: true });
  }
}

/** The reason why a test with these needs cannot run; `undefined` where it can. */
function missing(needs: readonly (Program | Ability)[]): string | undefined {
  const absent = needs.filter((need) =>
    isAbility(need) ? !ABILITIES[need].has() : findProgram(need) === undefined
  );
  if (absent.length === 0) return undefined;
  return absent.map((need) => `needs "${need}" (${adviceFor(need)})`).join(", ");
}

/** Whether what is missing is a failure. */
function mustRunAll(): boolean {
  return Deno.env.get("STOWAGE_TEST_REQUIRE") === "all";
}

function adviceFor(need: Program | Ability): string {
  return isAbility(need) ? ABILITIES[need].advice : PROGRAMS[need].advice;
}

function isAbility(need: string): need is Ability {
  return Object.hasOwn(ABILITIES, need);
}

function isExecutable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0o111) & 0o111) !== 0;
  } catch {
    return false;
  }
}

function outputOf(path: string, ...args: readonly string[]): string {
  const { stdout } = new Deno.Command(path, { args: [...args], stdout: "piped", stderr: "null" })
    .outputSync();
  return new TextDecoder().decode(stdout);
}

/** Where `go install` puts programs unless it is told otherwise. */
function goPath(): string | undefined {
  const path = Deno.env.get("GOPATH") ?? join(Deno.env.get("HOME") ?? "", "go");
  return path === "go" ? undefined : join(path, "bin");
}

/** Tries to mount a file system in memory, which also containers of root may forbid. */
function canMount(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const folder = Deno.makeTempDirSync();
  try {
    if (!runs("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)) return false;
    return runs("umount", folder);
  } finally {
    Deno.removeSync(folder);
  }
}

function runs(command: string, ...args: readonly string[]): boolean {
  try {
    return new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}
