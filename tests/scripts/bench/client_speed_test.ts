import { assertGreater, assertRejects } from "@std/assert";
import { BlobMaker } from "../../../scripts/bench/blob_maker.ts";
import { measureClient } from "../../../scripts/bench/client_speed.ts";

Deno.test("measureClient measures both ways", async () => {
  const { push, pull } = await measureClient(new BlobMaker(), { times: 1 });
  assertGreater(push, 0);
  assertGreater(pull, 0);
});

Deno.test("measureClient ends when it is told to", async () => {
  await assertRejects(
    () => measureClient(new BlobMaker(), { signal: AbortSignal.abort() }),
    DOMException,
  );
});
