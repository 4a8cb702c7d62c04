import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { profileStowage, takesProfiles } from "../../../scripts/bench/profile_stowage.ts";
import { TempFolder } from "../../support/temp.ts";
import { testWith } from "../../support/tools.ts";

testWith(["linux"], {
  name: "profileStowage tells in which functions the time went",
  fn: async () => {
    await using temp = await TempFolder.make();
    const profile = () =>
      profileStowage({
        figure: "tags-all",
        folder: temp.path,
        entry: join(import.meta.dirname ?? ".", "_registry_program.ts"),
        signal: new AbortController().signal,
        durationMs: 300,
        treeSize: 100,
      });
    if (!await takesProfiles()) return void await assertRejects(profile, Error, "newer Deno");
    const text = await profile();
    assertStringIncludes(text, "tags-all: ");
    assertStringIncludes(text, "/src/");
  },
});

Deno.test("profileStowage knows the figures", async () => {
  await using temp = await TempFolder.make();
  const options = { figure: "none", folder: temp.path, signal: new AbortController().signal };
  const message = await takesProfiles() ? '"none"' : "newer Deno";
  await assertRejects(() => profileStowage(options), Error, message);
});

Deno.test("takesProfiles is true but on old versions of Deno", async () => {
  assertEquals(await takesProfiles(), !/^2\.[0-4]\./.test(Deno.version.deno));
});
