import { parseArgs } from "@std/cli/parse-args";
import type { RegistryKind } from "../../tests/support/servers.ts";
import type { PlanName } from "./plan.ts";
import { TITLES } from "./servers.ts";
import { GROUPS } from "./workload.ts";
import { FIGURES } from "./workload_table.ts";

/** What `deno task bench` was asked for. */
export interface BenchOptions {
  readonly plan: PlanName;
  /** Names of figures or groups; empty: everything. */
  readonly only: readonly string[];
  /** Servers to measure; empty: all. */
  readonly servers: readonly RegistryKind[];
  /** Another executable or entry of Stowage. */
  readonly stowage?: string;
  /** The folder that gets the page, its drawings and the raw data. */
  readonly out?: string;
  /** The folder on whose disk storage is. */
  readonly disk?: string;
  /** The figure to take a CPU profile of, instead of measuring. */
  readonly profile?: string;
  readonly help: boolean;
}

/** Says what is wrong with the arguments. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const STRINGS = ["only", "server", "stowage", "out", "disk", "profile"] as const;
const FLAGS = ["quick", "full", "help"] as const;

/** The arguments, explained. */
export const USAGE = `Measures Stowage beside the registries it replaces.

deno task bench [--quick | --full] [--only NAME]... [--server NAME]... [--stowage PATH]
                [--out FOLDER] [--disk FOLDER]
deno task bench --profile NAME [--stowage ENTRY.ts] [--disk FOLDER]

  --quick         a couple of minutes, each figure once
  --full          more rounds, and 64 uploads of 1 GB at once (70 GB of disk)
  --only NAME     this figure or group alone; may be repeated
  --server NAME   this server alone; may be repeated
  --stowage PATH  another executable than dist/stowage, or an entry to run from source
  --out FOLDER    where performance.md, its drawings and the raw data go;
                  docs/ for a run of everything, else nothing is written
  --disk FOLDER   a folder on the disk to measure, default results/ of the project
  --profile NAME  where Stowage, run from source, spends its time with this figure

Groups: ${Object.keys(GROUPS).join(", ")}
Servers: ${Object.keys(TITLES).join(", ")}
Figures:
${[...FIGURES.values()].map(({ name, title }) => `  ${name.padEnd(22)}${title}`).join("\n")}
`;

/**
 * Reads the arguments.
 *
 * @throws {UsageError}
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  const parsed = (parseArgs as Parse)([...args], {
    string: [...STRINGS],
    boolean: [...FLAGS],
    collect: ["only", "server"],
    unknown: (name) => {
      throw new UsageError(`Leave out "${name}": there is no such argument`);
    },
  });
  if (parsed.quick && parsed.full) throw new UsageError("Give --quick or --full, not both");
  for (const name of parsed.only ?? []) requireKnown(name, [...FIGURES.keys(), ...groupNames()]);
  if (parsed.profile !== undefined) requireKnown(parsed.profile, [...FIGURES.keys()]);
  const { stowage, out, disk, profile, help } = parsed;
  return {
    plan: parsed.quick ? "quick" : parsed.full ? "full" : "standard",
    only: parsed.only ?? [],
    servers: (parsed.server ?? []).map(readServer),
    help,
    ...stowage === undefined ? {} : { stowage },
    ...out === undefined ? {} : { out },
    ...disk === undefined ? {} : { disk },
    ...profile === undefined ? {} : { profile },
  };
}

/** What `parseArgs` gives. */
interface Parsed {
  readonly quick: boolean;
  readonly full: boolean;
  readonly help: boolean;
  readonly only?: readonly string[];
  readonly server?: readonly string[];
  readonly stowage?: string;
  readonly out?: string;
  readonly disk?: string;
  readonly profile?: string;
}

type Parse = (
  args: string[],
  options: {
    string: string[];
    boolean: string[];
    collect: string[];
    unknown: (name: string) => never;
  },
) => Parsed;

function readServer(name: string): RegistryKind {
  requireKnown(name, Object.keys(TITLES));
  return name as RegistryKind;
}

function requireKnown(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new UsageError(`Give one of ${known.join(", ")}; got "${name}"`);
}

function groupNames(): string[] {
  return Object.keys(GROUPS);
}
