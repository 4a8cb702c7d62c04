import { assertEquals } from "@std/assert";
import { remoteAddress } from "../../src/api/remote_address.ts";

const ADDRESSES: readonly (readonly [
  Record<string, string>,
  { address: string; port?: number },
  string,
])[] = [
  [{}, { address: "10.0.0.1", port: 80 }, "10.0.0.1:80"],
  [{}, { address: "::1", port: 80 }, "[::1]:80"],
  [{}, { address: "/run/stowage.sock" }, "/run/stowage.sock"],
  [{ "x-forwarded-for": "1.2.3.4" }, { address: "10.0.0.1", port: 80 }, "1.2.3.4"],
  [{ "x-forwarded-for": " 2001:db8::1 , 1.2.3.4" }, { address: "a", port: 1 }, "2001:db8::1"],
  [{ "x-forwarded-for": "unknown, 1.2.3.4" }, { address: "a", port: 1 }, "a:1"],
  [{ "x-forwarded-for": "evil", "x-real-ip": "1.2.3.4" }, { address: "a", port: 1 }, "1.2.3.4"],
  [{ "x-real-ip": "::ffff:1.2.3.4" }, { address: "a", port: 1 }, "::ffff:1.2.3.4"],
  [{ "x-real-ip": "evil" }, { address: "a", port: 1 }, "a:1"],
  [{ "x-forwarded-for": "" }, { address: "a", port: 1 }, "a:1"],
];

for (const [headers, client, expected] of ADDRESSES) {
  Deno.test(`remoteAddress of ${JSON.stringify(headers)} from ${client.address}`, () => {
    assertEquals(remoteAddress(new Headers(headers), client), expected);
  });
}
