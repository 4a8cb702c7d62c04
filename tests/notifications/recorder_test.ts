import { assertEquals, assertRejects } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import type { EventAction, OperationEvent } from "../../src/notifications/event.ts";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import { BatchingRecorder, type RecorderOptions } from "../../src/notifications/recorder.ts";

function operation(action: EventAction): OperationEvent {
  return {
    action,
    target: { mediaType: "", size: 0, digest: "", repository: "r" },
    request: { id: "q", method: "GET", useragent: "" },
    actor: {},
  };
}

function recorderOf(options: Partial<RecorderOptions> = {}) {
  const steps: string[] = [];
  const recorder = new BatchingRecorder({
    writer: {
      append(rows) {
        const actions = rows.map(({ event }) => (JSON.parse(event) as OperationEvent).action);
        steps.push(`append ${actions.join(" ")}`);
      },
      sync() {
        steps.push("sync");
        return Promise.resolve();
      },
      close() {
        steps.push("close");
      },
    },
    numbers: new EventNumbers(),
    source: { addr: "h:1", instanceID: "i" },
    includeReferences: false,
    wants: () => true,
    durablePulls: false,
    refuse: false,
    ...options,
  });
  return { recorder, steps };
}

Deno.test("BatchingRecorder writes the events of one moment at once, in order, with one sync", async () => {
  const { recorder, steps } = recorderOf();

  await Promise.all([recorder.record(operation("push")), recorder.record(operation("delete"))]);

  assertEquals(steps, ["append push delete", "sync"]);
});

Deno.test("BatchingRecorder records a pull before it is answered, but does not wait for the disk", async () => {
  const { recorder, steps } = recorderOf();

  await recorder.record(operation("pull"));
  assertEquals(steps, ["append pull"]);
  const writer = { append() {}, sync: () => new Promise<void>(() => {}), close() {} };
  const stuck = recorderOf({ writer }).recorder;
  stuck.record(operation("push"));
  await stuck.record(operation("pull"));
});

Deno.test("BatchingRecorder waits for the disk with pulls where that is configured", async () => {
  const { recorder, steps } = recorderOf({ durablePulls: true });

  await recorder.record(operation("pull"));

  assertEquals(steps, ["append pull", "sync"]);
});

Deno.test("BatchingRecorder gathers while events come, but not for ever", async () => {
  const turns: (() => void)[] = [];
  const turn = () => new Promise<void>((resolve) => turns.push(resolve));
  const { recorder, steps } = recorderOf({ turn });
  const records = [recorder.record(operation("pull"))];
  for (let count = 0; steps.length === 0; count++) {
    records.push(recorder.record(operation("mount")));
    turns.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (count > 100) throw new Error("it gathers for ever");
  }
  await Promise.all(records);
  assertEquals(steps[0]?.startsWith("append pull mount mount"), true);
});

Deno.test("BatchingRecorder fails a request whose event is lost only where that is configured", async () => {
  const writer = {
    append() {
      throw new OutboxError("full", "no room");
    },
    sync: () => Promise.resolve(),
    close() {},
  };
  const lenient = recorderOf({ writer }).recorder;
  await lenient.record(operation("push"));
  const strict = recorderOf({ writer, refuse: true }).recorder;

  await assertRejects(() => strict.record(operation("push")), OutboxError);
  await strict.record(operation("pull"));
});

Deno.test("BatchingRecorder.close writes what has been gathered", async () => {
  const { recorder, steps } = recorderOf();
  recorder.record(operation("pull"));
  await recorder.close();
  assertEquals(steps, ["append pull", "close"]);
});
