import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";

/** Reads a configuration; the version is added. */
export function configOf(text: string, env: Readonly<Record<string, string>> = {}): Config {
  return loadConfig({ text: `version: 0.1\n${text}`, fileName: "config.yml", env }).config;
}
