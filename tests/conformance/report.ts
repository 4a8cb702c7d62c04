/** What the conformance suite found in one run. */
export interface SuiteReport {
  readonly passed: number;
  readonly failed: number;
  /** Tests that went wrong by themselves. */
  readonly errors: number;
  readonly skipped: number;
  readonly disabled: number;
  /** Each test that failed or was skipped: its name, why, and the requests with their answers. */
  readonly problems: readonly string[];
}

/** How much is told of the requests of one test, in characters. */
const TRANSCRIPT_LIMIT = 6000;

/**
 * Reads the report that the conformance suite writes as `junit.xml`.
 *
 * @throws {Error} where the text is no such report
 */
export function readReport(xml: string): SuiteReport {
  const suite = /<testsuite (?=[^>]*tests=)([^>]*)>/.exec(xml)?.[1];
  if (suite === undefined) throw new Error("Cannot read the report: it has no <testsuite>");
  const [failed, errors, skipped, disabled] = ["failures", "errors", "skipped", "disabled"].map(
    (name) => count(suite, name),
  );
  const other = [failed, errors, skipped, disabled].map((number) => number ?? 0);
  return {
    passed: other.reduce((left, number) => left - number, count(suite, "tests")),
    failed: failed ?? 0,
    errors: errors ?? 0,
    skipped: skipped ?? 0,
    disabled: disabled ?? 0,
    problems: [...problems(xml)],
  };
}

/** Tells of each test that did not pass; those that are switched off tell nothing. */
function* problems(xml: string): Generator<string> {
  for (const [, attributes = "", body = ""] of xml.matchAll(TESTCASE)) {
    const status = /status="([^"]*)"/.exec(attributes)?.[1] ?? "";
    if (status === "passed") continue;
    const why = element(body, "system-out");
    if (status === "skipped" && why.includes("disabled")) continue;
    const name = unescapeXml(/name="([^"]*)"/.exec(attributes)?.[1] ?? "");
    const transcript = element(body, "system-err");
    yield `--- ${status}: ${name}\n${why}\n${transcript.slice(0, TRANSCRIPT_LIMIT)}`.trimEnd();
  }
}

const TESTCASE = /<testcase ([^>]*)>(.*?)<\/testcase>/gs;

function count(attributes: string, name: string): number {
  return Number(new RegExp(`(?:^| )${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0);
}

function element(xml: string, name: string): string {
  return unescapeXml(new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(xml)?.[1] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));/g,
    (whole, hex, decimal, name) =>
      hex !== undefined
        ? String.fromCodePoint(parseInt(hex, 16))
        : decimal !== undefined
        ? String.fromCodePoint(Number(decimal))
        : ENTITIES[name] ?? whole,
  );
}
