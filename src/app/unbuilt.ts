import type { Config } from "../config/config.ts";
import { ConfigError, type ConfigProblem } from "../config/error.ts";
import type { DriverConfig } from "../drivers/factory.ts";

/** A configuration that this version can serve. */
export type BuiltConfig = Config & { readonly storage: { readonly driver: DriverConfig } };

/** A part of the configuration that this version cannot serve yet. */
interface UnbuiltPart {
  readonly path: string;
  /** What the part is for, fit for "… is not available". */
  readonly what: string;
  /** Whether the configuration asks for it. */
  readonly isWanted: (config: Config) => boolean;
}

/** Sections whose part of the program is not there yet: refused, never ignored. */
const UNBUILT: readonly UnbuiltPart[] = [];

/**
 * Refuses a configuration that asks for what this version does not have.
 *
 * @throws {ConfigError} invalid: every such part, at once
 */
export function refuseUnbuilt(config: Config): asserts config is BuiltConfig {
  const problems = UNBUILT.filter(({ isWanted }) => isWanted(config)).map(toProblem);
  if (problems.length > 0) throw new ConfigError("invalid", { problems });
}

function toProblem({ path, what }: UnbuiltPart): ConfigProblem {
  return {
    path,
    found: "a value",
    expected: "nothing",
    message: `Remove it: ${what} is not available in this version of Stowage`,
  };
}
