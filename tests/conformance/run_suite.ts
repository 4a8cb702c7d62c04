/**
 * The conformance suite of the OCI distribution specification, run against a registry.
 *
 * Every feature the suite can ask for is switched on, so that nothing passes by being left out.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { tryRun } from "../support/process.ts";
import { programPath } from "../support/tools.ts";
import { readReport, type SuiteReport } from "./report.ts";

/** The versions of the specification: the last published one, and the main branch. */
export const VERSIONS = ["1.1", "dev"] as const;

/** A version of the specification. */
export type Version = typeof VERSIONS[number];

/** How to run the suite. */
export interface SuiteOptions {
  /** Host and port of the registry. */
  readonly host: string;
  /** Where the suite may write. */
  readonly folder: string;
  readonly version: Version;
  /** Whether manifests may name content that was never pushed, which the suite then tries. */
  readonly sparse: boolean;
  /** What the line with the figures says was tried. */
  readonly label: string;
  /** Variables beside those of every run. @default none: the registry speaks HTTP */
  readonly env?: Readonly<Record<string, string>>;
}

/** What the suite leaves out unless it is told. */
const FEATURES = {
  OCI_API_BLOBS_DIGEST_HEADER: "true",
  OCI_API_BLOBS_UPLOAD_CANCEL: "true",
  OCI_API_MANIFESTS_DIGEST_HEADER: "true",
  OCI_API_MANIFESTS_TAG_PARAM: "true",
} as const;

const ALL_PASSED = { failed: 0, errors: 0, skipped: 0, disabled: 0 } as const;

/** Fewer tests than this mean that the suite gave up early. */
const MIN_TESTS = 900;

/** Runs the suite, prints its figures, and checks that everything was tried and passed. */
export async function assertConforms(options: SuiteOptions): Promise<void> {
  const report = await runSuite(options);
  const { passed, failed, errors, skipped, disabled } = report;
  console.log(
    `conformance ${options.label}: ${passed} Pass, ${failed} FAIL, ` +
      `${errors} Error, ${skipped} Skip, ${disabled} Disabled`,
  );
  for (const problem of report.problems) console.log(problem);
  assertEquals({ failed, errors, skipped, disabled }, ALL_PASSED);
  assertEquals(passed > MIN_TESTS, true, `Only ${passed} tests ran`);
}

async function runSuite(
  { host, folder, version, sparse, env = {} }: SuiteOptions,
): Promise<SuiteReport> {
  const results = `${folder}/results-${version}`;
  await Deno.mkdir(results, { recursive: true });
  const { stdout, stderr } = await tryRun([programPath("conformance")], {
    cwd: folder,
    env: {
      ...FEATURES,
      OCI_DATA_SPARSE: String(sparse),
      OCI_LOG: "error",
      OCI_REGISTRY: host,
      OCI_RESULTS_DIR: results,
      OCI_TLS: "disabled",
      OCI_VERSION: version,
      ...env,
    },
  });
  try {
    return readReport(await Deno.readTextFile(`${results}/junit.xml`));
  } catch (error) {
    throw new Error(`The suite left no report. It wrote:\n${stdout}${stderr}`, { cause: error });
  }
}
