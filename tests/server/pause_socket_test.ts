import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { assertEquals } from "@std/assert";
import { pauseSocketWith } from "../../src/server/pause_socket.ts";

/** A request over TLS as far as it is used here, and what happens below. */
function requestDouble({ handle }: { readonly handle?: unknown } = {}) {
  const calls: string[] = [];
  const tcp = {
    readStop: () => void calls.push("stop"),
    readStart: () => void calls.push("start"),
  };
  const incoming = Object.assign(new EventEmitter(), {
    complete: false,
    socket: { _handle: handle === undefined ? { _parent: tcp } : handle },
  });
  pauseSocketWith(incoming as unknown as IncomingMessage);
  return { incoming, calls };
}

Deno.test("pauseSocketWith lets the connection rest while the body does", () => {
  const { incoming, calls } = requestDouble();

  for (const event of ["pause", "pause", "resume", "resume", "pause", "end", "resume"]) {
    incoming.emit(event);
  }

  assertEquals(calls, ["stop", "start", "stop", "start"]);
});

Deno.test("pauseSocketWith leaves a connection alone whose body is complete", () => {
  const { incoming, calls } = requestDouble();
  incoming.complete = true;

  incoming.emit("pause");
  incoming.emit("resume");

  assertEquals(calls, []);
});

Deno.test("pauseSocketWith does nothing where the runtime has other names", () => {
  for (const handle of [null, {}, { _parent: { readStop: 1 } }]) {
    requestDouble({ handle }).incoming.emit("pause");
  }
});
