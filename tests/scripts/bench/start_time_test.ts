import { assertGreater, assertRejects } from "@std/assert";
import { measureStart } from "../../../scripts/bench/start_time.ts";
import { TempFolder } from "../../support/temp.ts";
import { CONTESTANT } from "./_stand.ts";

Deno.test("measureStart waits for the answer and ends the process", async () => {
  await using temp = await TempFolder.make();
  const options = { folder: temp.path, root: await temp.folder("root") };
  assertGreater(await measureStart(CONTESTANT, options), 10);
});

Deno.test("measureStart fails when its signal is aborted", async () => {
  await using temp = await TempFolder.make();
  const options = { folder: temp.path, root: temp.path, signal: AbortSignal.abort() };
  await assertRejects(() => measureStart(CONTESTANT, options), DOMException, "aborted");
});
