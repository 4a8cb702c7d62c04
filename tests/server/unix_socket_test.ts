import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ServerError } from "../../src/server/error.ts";
import { removeSocket, removeStaleSocket } from "../../src/server/unix_socket.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("removeStaleSocket removes a socket, and is content with nothing", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("registry.sock");
  Deno.listen({ transport: "unix", path }).close();

  await removeStaleSocket(path);
  await removeStaleSocket(path);

  await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
});

Deno.test("removeStaleSocket leaves anything else alone", async () => {
  await using folder = await TempFolder.make();
  const path = await folder.write("notes.txt", "keep me");

  const error = await assertRejects(() => removeStaleSocket(path), ServerError) as ServerError;

  assertEquals(error.code, "not_a_socket");
  assertStringIncludes(error.message, path);
  assertEquals(await Deno.readTextFile(path), "keep me");
});

Deno.test("removeSocket is content with a socket that is gone", async () => {
  await using folder = await TempFolder.make();

  await removeSocket(folder.join("gone.sock"));
});
