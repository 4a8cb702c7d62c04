import { format as formatBytes } from "@std/fmt/bytes";
import { createStorageDriver } from "../app/registry.ts";
import { toBytes } from "../base/bytes.ts";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import { readConfig } from "../config/read.ts";
import type { LineOutput } from "../log/line_writer.ts";
import { collectGarbage, type GarbageSummary } from "../storage/collect_garbage.ts";
import { fromDriverError, isStoreError } from "../storage/errors.ts";
import { type Command, printLine } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { ProgressLine } from "./progress_line.ts";
import { startLogging } from "./start_logging.ts";

/** Files that are read or removed at once, on a disk and on a storage that is far away. */
const CONCURRENCY = { local: 16, remote: 64 } as const;

/** Output is written in batches of so many characters. */
const BATCH_CHARS = 64 * 1024;

/** `stowage garbage-collect`. */
export const GARBAGE_COLLECT_COMMAND: Command = {
  about: "Remove content that nothing needs",
  operands: ["CONFIG"],
  details: [
    "Removes blobs that no manifest needs. No registry may write to the storage\n" +
    "meanwhile: stop it, or make it read-only. A registry that serves collects by\n" +
    "itself with storage.maintenance.garbagecollection.",
    "What is done is told on standard output in the form of Distribution's collector;\n" +
    "what it comes to, on standard error. The exit code is 1 if it could not be done,\n" +
    'as where a manifest is damaged; "stowage check" says more.',
  ],
  flags: [
    { name: "dry-run", short: "d", about: "Only tell what would be removed" },
    { name: "delete-untagged", short: "m", about: "Also remove manifests without a tag" },
    { name: "quiet", short: "q", about: "Tell nothing on standard output" },
    { name: "json", about: "Tell only what it comes to, as JSON" },
  ],
  examples: [
    { command: "stowage garbage-collect -d config.yml", about: "See what would go" },
    { command: "stowage garbage-collect -m config.yml", about: "Remove untagged images too" },
  ],
  async run({ operands: [path], flags }, surroundings) {
    const { env, stdout, stderr, stderrIsTerminal } = surroundings;
    const { config } = await readConfig({ env, ...path === undefined ? {} : { path } });
    const instanceId: string = crypto.randomUUID();
    const logging = startLogging(config.log, {
      output: stderr,
      terminal: stderrIsTerminal,
      instanceId,
    });
    const driver = await createStorageDriver(config);
    const isJson = flags.has("json");
    const dryRun = flags.has("dry-run");
    const lines = new BatchedLines(stdout);
    const progress = new ProgressLine(stderr, SYSTEM_CLOCK);
    const startedAtMs = SYSTEM_CLOCK.now();
    try {
      const summary = await collectGarbage(driver, {
        log: logging.log,
        deleteUntagged: flags.has("delete-untagged"),
        dryRun,
        concurrency: driver.isRemote === true ? CONCURRENCY.remote : CONCURRENCY.local,
        putAsideBeforeMs: startedAtMs - config.storage.maintenance.garbageCollection.graceMs,
        signal: new AbortController().signal,
        print: flags.has("quiet") || isJson ? undefined : (line) => lines.add(line),
        onProgress: stderrIsTerminal ? (state) => progress.show(state) : undefined,
      });
      await progress.clear();
      await lines.flush();
      const durationMs = SYSTEM_CLOCK.now() - startedAtMs;
      if (isJson) await printLine(stdout, JSON.stringify({ ...summary, dryRun, durationMs }));
      else await printLine(stderr, renderSummary(summary, { dryRun, durationMs }));
      return EXIT_CODES.success;
    } catch (error) {
      await progress.clear();
      await lines.flush();
      // Distribution's wording.
      await printLine(stderr, `failed to garbage collect: ${describe(error)}`);
      return EXIT_CODES.failure;
    } finally {
      await driver.close();
      await logging.close();
    }
  },
};

/** What a collection came to, in one sentence. */
export function renderSummary(
  summary: GarbageSummary,
  { dryRun, durationMs }: { readonly dryRun: boolean; readonly durationMs: number },
): string {
  const { blobs, bytes, manifests, layerLinks, marked } = summary;
  const verb = dryRun ? "would free" : "freed";
  const seconds = (durationMs / 1000).toFixed(1);
  return `${verb} ${(formatBytes as (bytes: number) => string)(bytes)}: ${blobs} blobs, ` +
    `${manifests} manifests and ${layerLinks} links; ${marked} blobs stay; ${seconds} s`;
}

/** Lines that are written many at a time, in their order. */
class BatchedLines {
  readonly #output: LineOutput;
  #batch = "";
  #last: Promise<void> = Promise.resolve();

  constructor(output: LineOutput) {
    this.#output = output;
  }

  add(line: string): void {
    this.#batch += `${line}\n`;
    if (this.#batch.length >= BATCH_CHARS) this.#write();
  }

  async flush(): Promise<void> {
    this.#write();
    await this.#last;
  }

  #write(): void {
    const bytes = toBytes(this.#batch);
    this.#batch = "";
    this.#last = this.#last.then(() => writeAll(this.#output, bytes));
  }
}

async function writeAll(output: LineOutput, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) done += await output.write(bytes.subarray(done));
}

function describe(error: unknown): string {
  const known = fromDriverError(error);
  if (isStoreError(known, "content_damaged")) {
    return `${known.message}; run "stowage check" to see what else is wrong`;
  }
  return known instanceof Error ? known.message : String(known);
}
