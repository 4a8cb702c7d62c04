import { assertEquals, assertRejects } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import type { EventAction, OperationEvent } from "../../src/notifications/event.ts";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import { Recorder, type RecorderOptions } from "../../src/notifications/recorder.ts";

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
  const recorder = new Recorder({
    writer: {
      append({ event }) {
        steps.push(`append ${(JSON.parse(event) as OperationEvent).action}`);
      },
      sync() {
        steps.push("sync");
        return Promise.resolve();
      },
      close() {
        steps.push("close");
        return Promise.resolve();
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

Deno.test("Recorder has written an event when it gives back, and asks for the disk after that", async () => {
  const { recorder, steps } = recorderOf();

  const recorded = recorder.record(operation("push"));
  assertEquals(steps, ["append push", "sync"]);
  await recorded;
});

Deno.test("Recorder records a pull before it is answered, but does not wait for the disk", async () => {
  const { recorder, steps } = recorderOf();

  await recorder.record(operation("pull"));

  assertEquals(steps, ["append pull"]);
});

Deno.test("Recorder waits for the disk with pulls where that is configured", async () => {
  const { recorder, steps } = recorderOf({ durablePulls: true });

  await recorder.record(operation("pull"));

  assertEquals(steps, ["append pull", "sync"]);
});

Deno.test("Recorder fails a request whose event is lost only where that is configured", async () => {
  const writer = {
    append() {
      throw new OutboxError("full", "no room");
    },
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const lenient = recorderOf({ writer }).recorder;
  await lenient.record(operation("push"));
  const strict = recorderOf({ writer, refuse: true }).recorder;

  await assertRejects(() => strict.record(operation("push")), OutboxError);
  await strict.record(operation("pull"));
});

Deno.test("Recorder fails a request whose event is not on the disk only where that is configured", async () => {
  const writer = {
    append() {},
    sync: () => Promise.reject(new OutboxError("failed", "no disk")),
    close: () => Promise.resolve(),
  };
  await recorderOf({ writer }).recorder.record(operation("delete"));
  const strict = recorderOf({ writer, refuse: true }).recorder;

  await assertRejects(() => strict.record(operation("mount")), OutboxError, "no disk");
});

Deno.test("Recorder.close ends what it writes to", async () => {
  const { recorder, steps } = recorderOf();
  await recorder.close();
  assertEquals(steps, ["close"]);
});
