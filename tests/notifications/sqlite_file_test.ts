import { assertEquals, assertThrows } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import { SqliteFile } from "../../src/notifications/sqlite_file.ts";
import { TempFolder } from "../support/temp.ts";

const SCHEMA = "CREATE TABLE IF NOT EXISTS t (value INTEGER UNIQUE)";

async function withFile(test: (file: SqliteFile) => void): Promise<void> {
  await using folder = await TempFolder.make();
  const file = new SqliteFile(folder.join("f"), SCHEMA);
  test(file);
  file.close();
}

Deno.test("SqliteFile.write makes all changes or none", async () => {
  await withFile((file) => {
    const insert = (value: number) => void file.prepare("INSERT INTO t VALUES (?)").run(value);
    file.write([1], insert);
    assertThrows(() => file.write([2, 3, 1], insert), OutboxError, "Cannot write to the outbox");
    file.write([4, 5], insert);
    file.writeDurably(() => insert(6));

    assertEquals(file.number("SELECT sum(value) FROM t"), 16);
    assertEquals(file.number("PRAGMA synchronous"), 1);
  });
});

Deno.test("SqliteFile.settle empties the log", async () => {
  await withFile((file) => {
    file.write([1], (value) => void file.prepare("INSERT INTO t VALUES (?)").run(value));
    file.settle();
    assertEquals(file.number("SELECT count(*) FROM t"), 1);
    assertEquals(file.sizeBytes > 0, true);
  });
});
