import { assertEquals } from "@std/assert";
import { configurationPage } from "../../src/config/reference_page.ts";
import { rootSection } from "../../src/config/root.ts";
import { listKeys } from "../../src/config/shape.ts";

const page = configurationPage();
const rows = page.split("\n").filter((line) => line.startsWith("| `"));

Deno.test("configurationPage has a row for every key", () => {
  for (const { path, shape } of listKeys(rootSection.shape)) {
    if (shape.type !== "leaf" || path.startsWith("storage.s3aws.")) continue;
    // Items of lists and keys of choice are told by the row of their list.
    const key = path.replace(/(?:\[\]|\.<name>)+$/, "");
    assertEquals(rows.some((row) => row.startsWith(`| \`${key}\` |`)), true, path);
  }
});

Deno.test("configurationPage tells type, default, unit, variable and meaning", () => {
  const cells = rows.filter((row) => row.startsWith("| `storage.filesystem.maxthreads` |"));
  assertEquals(cells, [
    "| `storage.filesystem.maxthreads` | whole number | `100` | operations | " +
    "`REGISTRY_STORAGE_FILESYSTEM_MAXTHREADS` | File operations at a time; fewer than 25 are " +
    "raised to it. |",
  ]);
  const ttl = rows.find((row) => row.startsWith("| `proxy.ttl` |")) ?? "";
  assertEquals(ttl.includes("| duration | `168h` | ms, s, m, h |"), true);
});

Deno.test("configurationPage marks required keys, secrets and Stowage's own", () => {
  const marksOf = (key: string) => rows.find((row) => row.startsWith(`| \`${key}\` |`)) ?? "";
  assertEquals(marksOf("storage.s3.bucket").includes("*required*"), true);
  assertEquals(marksOf("redis.password").includes("*secret*"), true);
  assertEquals(marksOf("http.workers").includes("*Stowage's own*"), true);
  assertEquals(marksOf("version").includes("REGISTRY_VERSION"), false);
});

Deno.test("configurationPage has tables of six columns, and one of two", () => {
  const widths = rows.map((row) => row.replaceAll("\\|", "").split("|").length - 2);
  assertEquals(new Set(widths), new Set([6, 2]));
});
