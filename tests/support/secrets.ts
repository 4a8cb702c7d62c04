/**
 * Secrets of tests and what servers print, kept so that CI can look for the one in the other: with
 * `STOWAGE_TEST_LOGS` set to a folder, the secrets are in its file `secrets`, and the output of each
 * server in a file of its own.
 *
 * @module
 */
import { join } from "@std/path";
import { rootSection } from "../../src/config/root.ts";
import type { Shape } from "../../src/config/shape.ts";

/** Shorter ones are found by chance. */
const MIN_LENGTH = 8;

/** Where it is all kept; `undefined` where nobody looks at it. */
function logsFolder(): string | undefined {
  return Deno.env.get("STOWAGE_TEST_LOGS") || undefined;
}

/** Notes secrets that no log may show. */
export function noteSecrets(...secrets: readonly string[]): void {
  const folder = logsFolder();
  const lines = secrets.flatMap((secret) => secret.split("\n"))
    .filter((line) => line.length >= MIN_LENGTH);
  if (folder === undefined || lines.length === 0) return;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(join(folder, "secrets"), `${lines.join("\n")}\n`, { append: true });
}

/** Keeps a part of what a server printed. */
export function keepOutput(name: string, text: string): void {
  const folder = logsFolder();
  if (folder === undefined) return;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(join(folder, `${name}.log`), text, { append: true });
}

/** Every secret that a configuration holds, by the keys that are known to be secret. */
export function secretsOf(config: unknown, shape: Shape = rootSection.shape): readonly string[] {
  if (shape.secret === true) return textsIn(config);
  if (typeof config !== "object" || config === null) return [];
  return Object.entries(config).flatMap(([key, value]) => {
    const below = shapeOf(shape, key);
    return below === undefined ? [] : secretsOf(value, below);
  });
}

function shapeOf(shape: Shape, key: string): Shape | undefined {
  switch (shape.type) {
    case "section":
      return Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    case "list":
      return shape.item;
    case "map":
      return shape.value;
    default:
      return undefined;
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
