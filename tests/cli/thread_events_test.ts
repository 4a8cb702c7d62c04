import { assertRejects } from "@std/assert";
import { commitMessage, ThreadEvents } from "../../src/cli/thread_events.ts";
import { OutboxError } from "../../src/notifications/errors.ts";

Deno.test("ThreadEvents settles when the main thread has written the events", async () => {
  const events: ThreadEvents = new ThreadEvents((message) => {
    events.recorded(commitMessage(message, () => {}));
  });
  await events.commit([], true);
});

Deno.test("ThreadEvents fails with the reason of the main thread", async () => {
  const events: ThreadEvents = new ThreadEvents((message) => {
    events.recorded(commitMessage(message, () => {
      throw new OutboxError("full", "no room");
    }));
  });
  await assertRejects(() => events.commit([], true), OutboxError, "no room");
});
