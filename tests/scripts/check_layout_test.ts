import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { readFiles } from "../../scripts/check_layout.ts";

async function withFolder(use: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await (typeof content === "string"
    ? Deno.writeTextFile(path, content)
    : Deno.writeFile(path, content));
}

Deno.test("readFiles reads text files of a plain folder and leaves out what is made", async () => {
  await withFolder(async (root) => {
    await write(join(root, "src/a/b.ts"), "b");
    await write(join(root, "README.md"), "read");
    await write(join(root, "dist/bundle/main.js"), "made");
    await write(join(root, "picture.png"), new Uint8Array([0x89, 0xff, 0xfe]));
    assertEquals(await readFiles(root), [
      { path: "README.md", text: "read" },
      { path: "src/a/b.ts", text: "b" },
    ]);
  });
});

Deno.test("check_layout exits with 1 and names each problem", async () => {
  await withFolder(async (root) => {
    await write(join(root, "src/a/utils.ts"), "export const x = 1;\n");
    const script = join(import.meta.dirname ?? ".", "../../scripts/check_layout.ts");
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", script, root],
      stdout: "null",
      stderr: "piped",
    }).output();
    assertEquals(code, 1);
    assertEquals(new TextDecoder().decode(stderr).trim().split("\n"), [
      "layout: src/a/utils.ts: name the file after what it does",
      'layout: src/a/utils.ts:1: document "x"',
    ]);
  });
});
