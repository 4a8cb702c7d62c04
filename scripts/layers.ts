/**
 * Which folder of `src/` may import which: the map of `docs/architecture.md` as data.
 *
 * @module
 */

/**
 * How much of a folder may be imported:
 * - `all`: any file;
 * - `types`: any file, with `import type` only;
 * - `contract`: the folder's contract files only (see {@linkcode Layer.contract}).
 */
export type Grant = "all" | "types" | "contract";

/** A folder of `src/`, or a file at the top of the tree. */
export interface Layer {
  /** Height in the map; a layer imports only layers of a smaller level. */
  readonly level: number;
  /** The layers that may be imported; `*` stands for every layer of a smaller level. */
  readonly imports: Readonly<Record<string, Grant>>;
  /** The files, below `src/`, that make up the contract and its errors. */
  readonly contract?: readonly string[];
}

/** The layers by name; `main` is `src/main.ts` and `mod` is `mod.ts`. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  base: { level: 0, imports: {} },
  oci: { level: 1, imports: { base: "all" } },
  config: { level: 1, imports: { base: "all" } },
  log: { level: 2, imports: { base: "all", config: "types" } },
  metrics: { level: 2, imports: { base: "all", config: "types" } },
  health: { level: 2, imports: { base: "all", config: "types" } },
  drivers: {
    level: 3,
    imports: { base: "all", config: "types", log: "all", metrics: "all" },
    contract: ["drivers/driver.ts"],
  },
  auth: {
    level: 3,
    imports: { base: "all", oci: "all", config: "types", log: "all" },
    contract: ["auth/controller.ts", "auth/errors.ts"],
  },
  redis: { level: 3, imports: { base: "all", config: "types", log: "all" } },
  cache: {
    level: 4,
    imports: { base: "all", oci: "all", redis: "all", log: "all", metrics: "all" },
    contract: ["cache/cache.ts", "cache/errors.ts"],
  },
  client: { level: 4, imports: { base: "all", oci: "all", log: "all" } },
  storage: {
    level: 5,
    imports: {
      base: "all",
      oci: "all",
      drivers: "contract",
      cache: "contract",
      log: "all",
      metrics: "all",
    },
    contract: ["storage/store.ts", "storage/errors.ts"],
  },
  notifications: {
    level: 6,
    imports: {
      base: "all",
      oci: "all",
      config: "types",
      client: "all",
      storage: "contract",
      drivers: "contract",
      log: "all",
      metrics: "all",
    },
    contract: ["notifications/event.ts", "notifications/errors.ts"],
  },
  proxy: {
    level: 6,
    imports: {
      base: "all",
      oci: "all",
      config: "types",
      client: "all",
      storage: "contract",
      drivers: "contract",
      log: "all",
      metrics: "all",
    },
  },
  api: {
    level: 7,
    imports: {
      base: "all",
      oci: "all",
      auth: "contract",
      storage: "contract",
      notifications: "contract",
      log: "all",
      metrics: "all",
    },
  },
  ui: {
    level: 7,
    imports: {
      base: "all",
      oci: "all",
      auth: "contract",
      storage: "contract",
      log: "all",
      metrics: "all",
    },
  },
  server: {
    level: 8,
    imports: { base: "all", config: "types", log: "all", metrics: "all", health: "all" },
  },
  app: { level: 9, imports: { "*": "all" } },
  cli: { level: 10, imports: { "*": "all" } },
  main: { level: 11, imports: { "*": "all" } },
  mod: { level: 11, imports: { "*": "all" } },
};

/** The table of a pluggable folder; only {@linkcode TABLE_READERS} import one. */
export const TABLE_FILE = "factory.ts";

/** The layers that compose the program and so may import a table. */
export const TABLE_READERS: readonly string[] = ["app", "cli"];
