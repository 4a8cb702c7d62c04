import { assertEquals } from "@std/assert";
import { clientOf } from "../../src/server/handler.ts";

Deno.test("clientOf names a peer by address and port", () => {
  const tcp = (hostname: string) => clientOf({ transport: "tcp", hostname, port: 7 });

  assertEquals(tcp("192.0.2.1"), { address: "192.0.2.1", port: 7 });
  assertEquals(tcp("2001:db8::1"), { address: "2001:db8::1", port: 7 });
});

Deno.test("clientOf writes an IPv4 peer of a listener for both families as IPv4", () => {
  const peer = { transport: "tcp", hostname: "::ffff:192.0.2.1", port: 7 } as const;

  assertEquals(clientOf(peer), { address: "192.0.2.1", port: 7 });
});

Deno.test("clientOf has no address for a peer on a unix socket", () => {
  assertEquals(clientOf({ transport: "unix", path: "/run/registry.sock" }), { address: "@" });
});
