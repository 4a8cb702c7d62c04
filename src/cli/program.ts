import project from "../../deno.json" with { type: "json" };

/** What the program is called and which version it is; `deno.json` alone says so. */
export const PROGRAM = {
  name: "stowage",
  title: "Stowage",
  version: project.version,
} as const;
