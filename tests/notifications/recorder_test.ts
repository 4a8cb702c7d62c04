import { getLogger } from "@logtape/logtape";
import { assertEquals, assertRejects } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import type { EventAction, OperationEvent } from "../../src/notifications/event.ts";
import { BatchingRecorder, type RecorderOptions } from "../../src/notifications/recorder.ts";
import { ManualTimers } from "../support/manual_timers.ts";

function operation(action: EventAction): OperationEvent {
  return {
    action,
    target: { mediaType: "", size: 0, digest: "", repository: "r" },
    request: { id: "q", method: "GET", useragent: "" },
    actor: {},
  };
}

function recorderOf(timers: ManualTimers, options: Partial<RecorderOptions> = {}) {
  const commits: { actions: string[]; durable: boolean }[] = [];
  const recorder = new BatchingRecorder({
    commit(rows, durable) {
      const actions = rows.map(({ event }) => (JSON.parse(event) as OperationEvent).action);
      commits.push({ actions, durable });
      return Promise.resolve();
    },
    source: { addr: "h:1", instanceID: "i" },
    log: getLogger("test"),
    includeReferences: false,
    wants: () => true,
    durablePulls: false,
    refuse: false,
    clock: timers,
    timers,
    ...options,
  });
  return { recorder, commits };
}

Deno.test("BatchingRecorder writes the events of one moment at once, in order", async () => {
  const { recorder, commits } = recorderOf(new ManualTimers());

  await Promise.all([recorder.record(operation("push")), recorder.record(operation("delete"))]);

  assertEquals(commits, [{ actions: ["push", "delete"], durable: true }]);
});

Deno.test("BatchingRecorder lets no request wait for a pull, and writes it a little later", async () => {
  const timers = new ManualTimers();
  const { recorder, commits } = recorderOf(timers);

  assertEquals(recorder.record(operation("pull")), undefined);
  assertEquals(commits, []);
  await timers.pass(100);

  assertEquals(commits, [{ actions: ["pull"], durable: false }]);
});

Deno.test("BatchingRecorder writes pulls that wait before a push that follows", async () => {
  const { recorder, commits } = recorderOf(new ManualTimers());

  recorder.record(operation("pull"));
  await recorder.record(operation("push"));

  assertEquals(commits, [{ actions: ["pull", "push"], durable: true }]);
});

Deno.test("BatchingRecorder lets a pull wait where that is configured", async () => {
  const { recorder, commits } = recorderOf(new ManualTimers(), { durablePulls: true });

  await recorder.record(operation("pull"));

  assertEquals(commits, [{ actions: ["pull"], durable: true }]);
});

Deno.test("BatchingRecorder fails a request whose event is lost only where that is configured", async () => {
  const commit = () => Promise.reject(new OutboxError("full", "no room"));
  const lenient = recorderOf(new ManualTimers(), { commit }).recorder;
  await lenient.record(operation("push"));
  const strict = recorderOf(new ManualTimers(), { commit, refuse: true }).recorder;

  await assertRejects(async () => await strict.record(operation("push")), OutboxError);
  await strict.record(operation("pull"));
});
