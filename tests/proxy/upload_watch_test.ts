import { assertEquals } from "@std/assert";
import { UploadWatch } from "../../src/proxy/upload_watch.ts";
import type { Upload } from "../../src/storage/store.ts";
import { ManualTimers } from "../support/manual_timers.ts";

/** A watch of an upload that is what the test says. */
function start() {
  const timers = new ManualTimers();
  const state = { sizeBytes: 0, startedAtMs: 1, isWanted: true, finds: 0, changes: 0 };
  const watch = new UploadWatch({
    uploads: {
      find(repository, id): Promise<Upload> {
        state.finds++;
        return Promise.resolve({ repository, id, ...state });
      },
    },
    upload: { repository: "a", id: "b" },
    isWanted: () => state.isWanted,
    onChange: () => state.changes++,
    timers,
  });
  return { watch, state, timers };
}

Deno.test("UploadWatch tells when there is more, to those who want to know", async () => {
  const { watch, state, timers } = start();
  state.isWanted = false;
  await timers.pass(100);
  assertEquals(state.finds, 0);
  state.isWanted = true;
  for (const [sizeBytes, changes] of [[0, 0], [10, 1], [10, 1], [30, 2]] as const) {
    state.sizeBytes = sizeBytes;
    await timers.pass(5);
    assertEquals([watch.sizeBytes, state.changes], [sizeBytes, changes]);
  }
  watch.close();
  const { finds } = state;
  await timers.pass(100);
  assertEquals(state.finds, finds);
});

Deno.test("UploadWatch notices that what was read is worth nothing", async () => {
  const { watch, state, timers } = start();
  state.sizeBytes = 30;
  await timers.pass(5);
  assertEquals(watch.isReplaced, false);
  state.sizeBytes = 10;
  await timers.pass(5);
  assertEquals([watch.isReplaced, state.changes], [true, 2]);
});

Deno.test("UploadWatch counts an upload as lost only when something was read of it", async () => {
  const { watch, state, timers } = start();
  watch.lose();
  assertEquals(watch.isReplaced, false);
  state.sizeBytes = 1;
  await timers.pass(5);
  watch.lose();
  assertEquals(watch.isReplaced, true);
});
