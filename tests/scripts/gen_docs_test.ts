import { assertEquals } from "@std/assert";
import { DOCUMENTS, findStale, writeDocuments } from "../../scripts/gen_docs.ts";

Deno.test("DOCUMENTS are what the code makes", async () => {
  const root = new URL("../..", import.meta.url).pathname;
  assertEquals(await findStale(DOCUMENTS, root), [], 'run "deno run -A scripts/gen_docs.ts"');
});

Deno.test("findStale tells of missing and changed files until they are written", async () => {
  const root = await Deno.makeTempDir();
  const documents = [
    { path: "a.md", make: () => "a\n" },
    { path: "b.md", make: () => "b\n" },
    { path: "c.md", make: () => "c\n" },
  ];
  try {
    await Deno.writeTextFile(`${root}/a.md`, "a\n");
    await Deno.writeTextFile(`${root}/b.md`, "older\n");
    assertEquals(await findStale(documents, root), ["b.md", "c.md"]);
    await writeDocuments(documents, root);
    assertEquals(await findStale(documents, root), []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("gen_docs --check takes the documents as they are", async () => {
  const script = new URL("../../scripts/gen_docs.ts", import.meta.url).pathname;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--no-prompt", script, "--check"],
    stdout: "null",
    stderr: "null",
  }).output();
  assertEquals(code, 0);
});
