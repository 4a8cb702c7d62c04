import { cpus, loadavg, release, totalmem } from "node:os";

/** What a run was made on. */
export interface Machine {
  /** System and the version of its kernel. */
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** File system of the storage. */
  readonly fileSystem: string;
  /** Processes that ran or waited on average in the minute before, those of others. */
  readonly loadBefore: number;
  readonly deno: string;
}

/** Looks at the machine; `folder` is on the disk that is measured. */
export async function describeMachine(folder: string): Promise<Machine> {
  const processors = cpus();
  return {
    system: `${Deno.build.os} ${release()}`,
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    fileSystem: fileSystemOf(folder, await Deno.readTextFile("/proc/mounts")),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    deno: Deno.version.deno,
  };
}

/**
 * The type of the file system that a folder is on.
 *
 * @param mounts the text of `/proc/mounts`
 */
export function fileSystemOf(folder: string, mounts: string): string {
  let longest = "";
  let found = "unknown";
  for (const line of mounts.split("\n")) {
    const [, point = "", type = ""] = line.split(" ");
    const isAbove = point === "/" || folder === point || folder.startsWith(`${point}/`);
    if (point === "" || !isAbove || point.length < longest.length) continue;
    longest = point;
    found = type;
  }
  return found;
}
