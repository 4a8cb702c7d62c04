import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { compareSync } from "bcryptjs";
import { parseHtpasswd } from "../../src/auth/htpasswd_file.ts";
import { ensureUsersFile } from "../../src/auth/users_file.ts";
import { formatText } from "../../src/log/format_text.ts";
import { TempFolder } from "../support/temp.ts";
import { LogRecorder } from "./_log.ts";

Deno.test("ensureUsersFile makes a file with one user, and tells the password once", async () => {
  await using temp = await TempFolder.make();
  const path = temp.join("new/folder/htpasswd");
  const recorder = new LogRecorder();

  await ensureUsersFile(path, recorder.log);
  await ensureUsersFile(path, recorder.log);

  const [line, ...more] = recorder.lines;
  const password = String(line?.properties["password.new"]);
  assertStringIncludes(line === undefined ? "" : formatText(line), password);
  assertEquals([line?.level, line?.properties["user"], more], ["warning", "docker", []]);
  assertMatch(password, /^[A-Za-z0-9_-]{43}$/);
  const hash = parseHtpasswd(await Deno.readTextFile(path)).get("docker") ?? "";
  assertEquals([hash.slice(0, 7), compareSync(password, hash)], ["$2b$10$", true]);
  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  assertEquals(((await Deno.stat(temp.join("new"))).mode ?? 0) & 0o777, 0o700);
});

Deno.test("ensureUsersFile leaves an empty file as it is", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("htpasswd", "");

  await ensureUsersFile(path, new LogRecorder().log);

  assertEquals(await Deno.readTextFile(path), "");
});
