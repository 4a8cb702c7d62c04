/** Short ways to load a configuration and to see what came of it. */

import type { Config } from "../../src/config/config.ts";
import type { Environment } from "../../src/config/environment.ts";
import { ConfigError, type ConfigProblem } from "../../src/config/error.ts";
import { loadConfig, type LoadedConfig } from "../../src/config/load.ts";

/** The head of a file in which only the section under test is missing. */
export const BASE = "version: 0.1\nstorage: inmemory\n";

export function load(text: string, env: Environment = {}): LoadedConfig {
  return loadConfig({ text, fileName: "config.yml", env });
}

export function configOf(text: string, env: Environment = {}): Config {
  return load(text, env).config;
}

/** The problems of a configuration, `path: message` each; none where it can be used. */
export function problemsOf(text: string, env: Environment = {}): string[] {
  return rawProblemsOf(text, env).map(({ path, message }) => `${path}: ${message}`);
}

export function rawProblemsOf(text: string, env: Environment = {}): readonly ConfigProblem[] {
  try {
    load(text, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The warnings of a configuration that can be used, `path: message` each. */
export function warningsOf(text: string, env: Environment = {}): string[] {
  return load(text, env).warnings.map(({ path, message }) => `${path}: ${message}`);
}
