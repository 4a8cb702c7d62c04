import { createStorageDriver } from "../app/registry.ts";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import { readConfig } from "../config/read.ts";
import { checkStore, type StoreProblem } from "../storage/check_store.ts";
import type { ManifestRules } from "../storage/manifest_rules.ts";
import { type Command, printLine } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { ProgressLine } from "./progress_line.ts";
import { startLogging } from "./start_logging.ts";

/** Files that are read at once. */
const CONCURRENCY = 16;

/** `stowage check`. */
export const CHECK_COMMAND: Command = {
  about: "Check whether a store is whole",
  operands: ["CONFIG"],
  details: [
    "Looks whether links lead to content, content is what its digest says, and the\n" +
    "children of indexes are there, and prints each problem with its path. With\n" +
    "--repair what is wrong is moved to the folder _damaged, never deleted, so that\n" +
    "pushing again mends it; nobody may write meanwhile. The exit code is 0 if\n" +
    "nothing is wrong or all was repaired, else 1.",
  ],
  flags: [
    { name: "repair", about: "Move aside what is wrong" },
    { name: "skip-hashes", about: "Do not read blobs, only manifests and links" },
    { name: "json", about: "Print each problem as a line of JSON" },
  ],
  examples: [
    { command: "stowage check config.yml", about: "Tell what is wrong" },
    { command: "stowage check --json config.yml", about: "Tell it to a program" },
  ],
  async run({ operands: [path], flags }, { env, stdout, stderr, stderrIsTerminal: terminal }) {
    const { config } = await readConfig({ env, ...path === undefined ? {} : { path } });
    const instanceId: string = crypto.randomUUID();
    const logging = startLogging(config.log, { output: stderr, terminal, instanceId });
    const driver = await createStorageDriver(config);
    const progress = new ProgressLine(stderr, SYSTEM_CLOCK);
    const problems: StoreProblem[] = [];
    try {
      await checkStore(driver, {
        log: logging.log,
        repair: flags.has("repair"),
        hash: !flags.has("skip-hashes"),
        children: expectedChildren(config),
        concurrency: CONCURRENCY,
        onProblem: (problem) => problems.push(problem),
        onProgress: terminal ? (state) => progress.show(state) : undefined,
      });
    } finally {
      await progress.clear();
      await driver.close();
      await logging.close();
    }
    const render = flags.has("json")
      ? (problem: StoreProblem) => JSON.stringify(problem)
      : renderProblem;
    for (const problem of problems) await printLine(stdout, render(problem));
    const left = problems.filter(({ repaired }) => !repaired).length;
    await printLine(stderr, `${problems.length} problems, ${problems.length - left} repaired`);
    return left === 0 ? EXIT_CODES.success : EXIT_CODES.failure;
  },
};

/** Those that a push is refused without; of what came from elsewhere only what was asked for is here. */
function expectedChildren({ proxy, validation }: Config): ManifestRules["children"] {
  const { platforms, platformList } = validation.manifests.indexes;
  if (proxy !== undefined) return "none";
  return platforms === "list" ? platformList : platforms;
}

function renderProblem({ code, path, digest, repaired }: StoreProblem): string {
  return `${code} ${path} ${digest ?? ""}${repaired ? " (moved aside)" : ""}`.trimEnd();
}
