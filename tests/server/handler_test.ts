import { assertEquals } from "@std/assert";
import { clientOf } from "../../src/server/handler.ts";

const SENT = Promise.resolve();

Deno.test("clientOf names a peer by address and port", () => {
  const tcp = (hostname: string) => clientOf({ transport: "tcp", hostname, port: 7 }, SENT);

  assertEquals(tcp("192.0.2.1"), { address: "192.0.2.1", port: 7, sent: SENT });
  assertEquals(tcp("2001:db8::1"), { address: "2001:db8::1", port: 7, sent: SENT });
});

Deno.test("clientOf writes an IPv4 peer of a listener for both families as IPv4", () => {
  const peer = { transport: "tcp", hostname: "::ffff:192.0.2.1", port: 7 } as const;

  assertEquals(clientOf(peer, SENT), { address: "192.0.2.1", port: 7, sent: SENT });
});

Deno.test("clientOf has no address for a peer on a unix socket", () => {
  const peer = { transport: "unix", path: "/run/registry.sock" } as const;

  assertEquals(clientOf(peer, SENT), { address: "@", sent: SENT });
});
