import { assertEquals, assertThrows } from "@std/assert";
import { type ProjectFile, readProjectFile, serveFlags } from "../../scripts/serve_flags.ts";

function projectWith(command: string): ProjectFile {
  return { version: "1.2.3", tasks: { serve: { command } } };
}

Deno.test("serveFlags gives what stands between deno run and the program", () => {
  const project = projectWith("deno run --allow-net --no-prompt src/main.ts serve");
  assertEquals(serveFlags(project), ["--allow-net", "--no-prompt"]);
});

for (const command of ["deno run -A", "node src/main.ts serve", "deno run src/main.ts config"]) {
  Deno.test(`serveFlags refuses "${command}"`, () => {
    assertThrows(() => serveFlags(projectWith(command)), Error, `got "${command}"`);
  });
}

Deno.test("readProjectFile reads the version and the serve task of this project", async () => {
  const project = await readProjectFile(`${import.meta.dirname}/../..`);
  assertEquals(/^\d+\.\d+\.\d+/.test(project.version), true);
  assertEquals(serveFlags(project).includes("--no-prompt"), true);
});
