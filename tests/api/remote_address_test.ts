import { assertEquals } from "@std/assert";
import type { Client } from "../../src/base/client.ts";
import { remoteAddress } from "../../src/api/remote_address.ts";

const PEER: Client = { address: "192.0.2.1", port: 4711 };

/** Headers, and the address that they make of {@linkcode PEER}'s request. */
const CASES: ReadonlyArray<readonly [headers: Record<string, string>, expected: string]> = [
  [{}, "192.0.2.1:4711"],
  [{ "x-forwarded-for": "198.51.100.7" }, "198.51.100.7"],
  [{ "x-forwarded-for": " 198.51.100.7 , 203.0.113.9" }, "198.51.100.7"],
  [{ "x-forwarded-for": "2001:db8::1" }, "2001:db8::1"],
  [{ "x-real-ip": "203.0.113.5" }, "203.0.113.5"],
  [{ "x-forwarded-for": "198.51.100.7", "x-real-ip": "203.0.113.5" }, "198.51.100.7"],
  [{ "x-forwarded-for": "unknown", "x-real-ip": "203.0.113.5" }, "203.0.113.5"],
  [{ "x-forwarded-for": "a name\tof no host", "x-real-ip": "-" }, "192.0.2.1:4711"],
];

Deno.test("remoteAddress is what the first proxy says, or else the other end", () => {
  for (const [headers, expected] of CASES) {
    assertEquals(remoteAddress(new Headers(headers), PEER), expected);
  }
});

Deno.test("remoteAddress brackets an address with colons that has a port", () => {
  assertEquals(remoteAddress(new Headers(), { address: "::1", port: 4711 }), "[::1]:4711");
  assertEquals(remoteAddress(new Headers(), { address: "a socket" }), "a socket");
});
