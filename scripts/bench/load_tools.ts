/**
 * The programs that make many small requests: `wrk` for GET, and Apache's `ab` for HEAD, because wrk
 * waits for the body that the Content-Length of such an answer speaks of.
 *
 * @module
 */
import { DELIMITER, join } from "@std/path";

/** What a program that makes load has to say. */
export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Requests that were answered with another status than 2xx. */
  readonly otherStatus: number;
  /** Requests that were not answered. */
  readonly failed: number;
}

/** How to load a server. */
export interface LoadOptions {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the load. */
  readonly signal?: AbortSignal;
}

/** A program that makes load. */
export type LoadTool = "wrk" | "ab";

/** Debian's packages of the programs. */
const PACKAGES: Readonly<Record<LoadTool, string>> = { wrk: "wrk", ab: "apache2-utils" };

/** More requests than any server answers in the time; `ab` ends at the first of two limits. */
const AB_REQUESTS = 10_000_000;

/**
 * The reason why a program cannot be used; `undefined` where it can.
 *
 * @param path where to look, as in PATH
 */
export function missingTool(
  tool: LoadTool,
  path: string = Deno.env.get("PATH") ?? "",
): string | undefined {
  const folders = path.split(DELIMITER).filter((folder) => folder !== "");
  if (folders.some((folder) => isFile(join(folder, tool)))) return undefined;
  return `needs "${tool}" (apt-get install ${PACKAGES[tool]})`;
}

/** GET requests as fast as they are answered, by one thread with several connections. */
export async function loadWithGet(options: LoadOptions): Promise<LoadResult> {
  const { url, seconds, connections, headers = {} } = options;
  const args = ["--threads=1", `--connections=${connections}`, `--duration=${seconds}s`];
  for (const [name, value] of Object.entries(headers)) args.push("--header", `${name}: ${value}`);
  return parseWrk(await outputOf("wrk", [...args, url], options));
}

/** HEAD requests as fast as they are answered, by one thread with several connections. */
export async function loadWithHead(options: LoadOptions): Promise<LoadResult> {
  const { url, seconds, connections, headers = {} } = options;
  const args = ["-q", "-i", "-k", "-l", "-c", `${connections}`, "-t", `${seconds}`];
  for (const [name, value] of Object.entries(headers)) args.push("-H", `${name}: ${value}`);
  return parseAb(await outputOf("ab", [...args, "-n", `${AB_REQUESTS}`, url], options));
}

/** Reads what `wrk` prints. */
export function parseWrk(text: string): LoadResult {
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  return {
    requests: numberIn(text, /^\s*(\d+) requests in /m),
    requestsPerSecond: numberIn(text, /^Requests\/sec:\s+([\d.]+)/m),
    otherStatus: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
    failed: (errors ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0),
  };
}

/** Reads what `ab` prints. */
export function parseAb(text: string): LoadResult {
  return {
    requests: numberIn(text, /^Complete requests:\s+(\d+)/m),
    requestsPerSecond: numberIn(text, /^Requests per second:\s+([\d.]+)/m),
    otherStatus: Number(/^Non-2xx responses:\s+(\d+)/m.exec(text)?.[1] ?? 0),
    failed: numberIn(text, /^Failed requests:\s+(\d+)/m),
  };
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`Cannot read the result of the load:\n${text}`);
  return Number(found);
}

async function outputOf(
  tool: LoadTool,
  args: readonly string[],
  { signal }: { readonly signal?: AbortSignal },
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(tool, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...signal === undefined ? {} : { signal },
  }).output();
  const decoder = new TextDecoder();
  if (code === 0) return decoder.decode(stdout);
  signal?.throwIfAborted();
  throw new Error(`"${tool}" exited with ${code}:\n${decoder.decode(stderr)}`.trimEnd());
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
