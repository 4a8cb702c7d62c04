import { format as formatBytes } from "@std/fmt/bytes";
import { generate as generateUuid } from "@std/uuid/v7";
import { buildStore } from "../app/build_store.ts";
import { createStorageDriver } from "../app/registry.ts";
import { toBytes } from "../base/bytes.ts";
import { SYSTEM_TIMERS } from "../base/timers.ts";
import type { Config, ProxyConfig } from "../config/config.ts";
import { ConfigError } from "../config/error.ts";
import { readConfig } from "../config/read.ts";
import { copyAhead, type CopyProgress } from "../proxy/copy_ahead.ts";
import type { RegistryStore } from "../storage/store.ts";
import { type Command, printLine, type Surroundings } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { startLogging } from "./start_logging.ts";

/** Width of the bar, in characters. */
const BAR_WIDTH = 30;

/** `stowage mirror`. */
export const MIRROR_COMMAND: Command = {
  about: "Copy images of other registries",
  operands: ["CONFIG"],
  details: [
    "Copies what proxy.mirror.images of the configuration names into its storage,\n" +
    "beside a registry that serves it or without one. What is there is not fetched\n" +
    "again. With proxy.mirror.interval it does so again and again, until it is ended.",
    "The exit code is 1 where an image could not be copied.",
  ],
  flags: [],
  examples: [{ command: "stowage mirror config.yml", about: "Copy what the file names" }],
  async run({ operands: [path] }, surroundings) {
    const { env, stderr: output, stderrIsTerminal: terminal } = surroundings;
    const { config } = await readConfig({ env, ...path === undefined ? {} : { path } });
    const proxy = wantedOf(config);
    const instanceId = (generateUuid as () => string)();
    const logging = startLogging(config.log, { output, terminal, instanceId });
    const driver = await createStorageDriver(config);
    const { log } = logging;
    const built = await buildStore(config, { driver, cache: undefined, log, meter: undefined });
    const stop = new AbortController();
    surroundings.onStopSignal(() => stop.abort());
    try {
      return await repeat(proxy, { store: built.store, log, surroundings, signal: stop.signal });
    } finally {
      await built.close();
      await driver.close();
      await logging.close();
    }
  },
};

/** @throws {ConfigError} invalid: no images are named */
function wantedOf({ proxy }: Config): ProxyConfig {
  if (proxy !== undefined && proxy.mirror.images.length > 0) return proxy;
  const problem = {
    path: "proxy.mirror.images",
    found: "nothing",
    expected: "repositories and their tags",
    message: "Name the images that are to be copied",
  };
  throw new ConfigError("invalid", { problems: [problem] });
}

interface RepeatOptions {
  readonly store: RegistryStore;
  readonly log: ReturnType<typeof startLogging>["log"];
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
}

async function repeat(
  { mirror }: ProxyConfig,
  { store, log, surroundings, signal }: RepeatOptions,
): Promise<number> {
  const { stdout, stderr, stderrIsTerminal } = surroundings;
  for (;;) {
    const onProgress = (progress: CopyProgress) => {
      if (stderrIsTerminal) void stderr.write(toBytes(`\r${renderProgress(progress)}\x1b[K`));
    };
    const done = await copyAhead(store, mirror.images, { log, onProgress, signal });
    if (stderrIsTerminal) await printLine(stderr, "");
    await printLine(stdout, renderSummary(done));
    const code = done.failedTags === 0 ? EXIT_CODES.success : EXIT_CODES.failure;
    if (mirror.intervalMs === 0 || signal.aborted) return code;
    await waitFor(mirror.intervalMs, signal);
    if (signal.aborted) return code;
  }
}

/** Waits; not any longer once the signal comes. */
async function waitFor(delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = SYSTEM_TIMERS.after(delayMs, resolve);
  signal.addEventListener("abort", () => resolve());
  await promise;
  cancel();
}

/** Writes how far a round is, on one line. */
export function renderProgress({ tags, wantedTags, bytes }: CopyProgress): string {
  const filled = wantedTags === 0 ? 0 : Math.floor((tags / wantedTags) * BAR_WIDTH);
  const bar = "#".repeat(filled).padEnd(BAR_WIDTH, ".");
  return `[${bar}] ${tags} of ${wantedTags} images, ${(formatBytes as BytesFormat)(bytes)}`;
}

/** Writes what a round has come to. */
export function renderSummary(done: CopyProgress): string {
  const failed = done.failedTags === 0 ? "" : `, ${done.failedTags} failed`;
  return `images: ${done.tags - done.failedTags} here${failed}; ` +
    `manifests: ${done.manifests}, blobs: ${done.blobs}, ${
      (formatBytes as BytesFormat)(done.bytes)
    }`;
}

type BytesFormat = (bytes: number) => string;
