import { createStorageDriver } from "../app/registry.ts";
import { readConfig } from "../config/read.ts";
import { checkStore, type StoreProblem } from "../storage/check_store.ts";
import { type Command, printLine } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { startLogging } from "./start_logging.ts";

/** Files that are read at once. */
const CONCURRENCY = 16;

/** `stowage check`. */
export const CHECK_COMMAND: Command = {
  about: "Check whether a store is whole",
  operands: ["CONFIG"],
  details: [
    "Looks whether links lead to content, and content is what its digest says, and\n" +
    "prints each problem with its path. With --repair what is wrong is moved to the\n" +
    "folder _damaged, never deleted, so that pushing again mends it; nobody may write\n" +
    "meanwhile. The exit code is 0 if nothing is wrong or all was repaired, else 1.",
  ],
  flags: [
    { name: "repair", about: "Move aside what is wrong" },
    { name: "skip-hashes", about: "Do not read blobs, only manifests and links" },
  ],
  examples: [{ command: "stowage check config.yml", about: "Tell what is wrong" }],
  async run({ operands: [path], flags }, { env, stdout, stderr, stderrIsTerminal: terminal }) {
    const { config } = await readConfig({ env, ...path === undefined ? {} : { path } });
    const instanceId: string = crypto.randomUUID();
    const logging = startLogging(config.log, { output: stderr, terminal, instanceId });
    const driver = await createStorageDriver(config);
    const problems: StoreProblem[] = [];
    try {
      await checkStore(driver, {
        log: logging.log,
        repair: flags.has("repair"),
        hash: !flags.has("skip-hashes"),
        concurrency: CONCURRENCY,
        onProblem: (problem) => problems.push(problem),
      });
    } finally {
      await driver.close();
      await logging.close();
    }
    for (const problem of problems) await printLine(stdout, renderProblem(problem));
    const left = problems.filter(({ repaired }) => !repaired).length;
    await printLine(stderr, `${problems.length} problems, ${problems.length - left} repaired`);
    return left === 0 ? EXIT_CODES.success : EXIT_CODES.failure;
  },
};

function renderProblem({ code, path, digest, repaired }: StoreProblem): string {
  return `${code} ${path} ${digest ?? ""}${repaired ? " (moved aside)" : ""}`.trimEnd();
}
