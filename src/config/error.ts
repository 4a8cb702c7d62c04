/** Where a value of the configuration came from. */
export type Source =
  | {
    readonly kind: "file";
    readonly fileName: string;
    /** Line of the key, from 1; absent where it could not be told. */
    readonly line?: number;
  }
  | {
    readonly kind: "environment";
    /** Name of the variable. */
    readonly name: string;
  }
  | { readonly kind: "default" };

/** One thing that is wrong, or only odd, in a configuration. It never holds a secret. */
export interface ConfigProblem {
  /** The key, such as `storage.cache.blobdescriptor`; empty where it is the whole file. */
  readonly path: string;
  /** What is there, fit for reading; `nothing` where a value is missing. */
  readonly found: string;
  /** What should be there, fit for reading. */
  readonly expected: string;
  /** What to do or what happens now, in one or two sentences. */
  readonly message: string;
  /** Where the value came from; absent where there is none. */
  readonly source?: Source;
}

/**
 * Why there is no configuration: it says something that cannot be used, its file cannot be read, or
 * nobody named a file.
 */
export type ConfigErrorCode = "invalid" | "unreadable" | "unspecified";

/** Data that goes with a {@linkcode ConfigError}. */
export interface ConfigErrorOptions {
  /** Every problem, in the order of the file's sections; one at least. */
  readonly problems: readonly ConfigProblem[];
  /** What was only odd. @default none */
  readonly warnings?: readonly ConfigProblem[];
  /** What the system said. */
  readonly cause?: unknown;
}

/** The one error that leaves this folder: everything that is wrong, told at once. */
export class ConfigError extends Error {
  /** The name of the class. */
  override readonly name = "ConfigError";
  /** What happened, from a closed set. */
  readonly code: ConfigErrorCode;
  /** Every problem; one at least. */
  readonly problems: readonly ConfigProblem[];
  /** What was only odd, and may explain a problem. */
  readonly warnings: readonly ConfigProblem[];

  /** Makes the error; its message tells every problem. */
  constructor(code: ConfigErrorCode, options: ConfigErrorOptions) {
    super(summarize(options.problems), options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.problems = options.problems;
    this.warnings = options.warnings ?? [];
  }
}

function summarize(problems: readonly ConfigProblem[]): string {
  const lines = problems.map(({ path, message }) => path === "" ? message : `${path}: ${message}`);
  const [first] = lines;
  if (lines.length === 1 && first !== undefined) return first;
  return `Correct the configuration, ${lines.length} problems:\n  ${lines.join("\n  ")}`;
}

/** Writes a source as messages show it: `config.yml line 7`, `REGISTRY_HTTP_ADDR`, `default`. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case "file":
      return source.line === undefined ? source.fileName : `${source.fileName} line ${source.line}`;
    case "environment":
      return source.name;
    case "default":
      return "default";
  }
}
