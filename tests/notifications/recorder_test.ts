import { assertEquals, assertRejects } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import type { EventAction, OperationEvent, RegistryEvent } from "../../src/notifications/event.ts";
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

Deno.test("Recorder writes the events of one turn at once, in order, with one sync", async () => {
  const { recorder, steps } = recorderOf();

  await Promise.all([recorder.record(operation("push")), recorder.record(operation("delete"))]);
  assertEquals(steps, ["append push delete", "sync"]);
  await recorder.record(operation("mount"));

  assertEquals(steps.slice(2), ["append mount", "sync"]);
});

Deno.test("Recorder tells of each event when it was", async () => {
  const times = [1, 1, 2000].map((atMs) => 1_767_225_600_000 + atMs);
  const told: string[] = [];
  const { recorder } = recorderOf({
    clock: { now: () => times.shift() ?? 0 },
    writer: {
      append(rows) {
        told.push(...rows.map(({ event }) => (JSON.parse(event) as RegistryEvent).timestamp));
      },
      sync: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
  });
  await Promise.all(
    (["push", "pull", "delete"] as const).map((action) => recorder.record(operation(action))),
  );
  assertEquals(told, [
    "2026-01-01T00:00:00.001Z",
    "2026-01-01T00:00:00.001Z",
    "2026-01-01T00:00:02.000Z",
  ]);
});

Deno.test("Recorder records a pull before it is answered, but does not wait for the disk", async () => {
  const { recorder, steps } = recorderOf();

  await recorder.record(operation("pull"));
  assertEquals(steps, ["append pull"]);
  const writer = {
    append() {},
    sync: () => new Promise<void>(() => {}),
    close: () => Promise.resolve(),
  };
  const stuck = recorderOf({ writer }).recorder;
  stuck.record(operation("push"));
  await stuck.record(operation("pull"));
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

Deno.test("Recorder.close writes what has been gathered", async () => {
  const { recorder, steps } = recorderOf();
  recorder.record(operation("pull"));
  await recorder.close();
  assertEquals(steps, ["append pull", "close"]);
});
