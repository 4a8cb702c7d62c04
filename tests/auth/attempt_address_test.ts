import { assertEquals } from "@std/assert";
import { createAttemptAddress } from "../../src/auth/attempt_address.ts";
import { asking } from "./_requests.ts";

const PROXIES = ["10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1", "unix"];

Deno.test("createAttemptAddress takes the word of known proxies alone, the nearest first", () => {
  const cases = [
    ["203.0.113.1", undefined, "203.0.113.1"],
    ["203.0.113.1", "198.51.100.9", "203.0.113.1"],
    // Known by nothing but being on the inside.
    ["127.0.0.1", "198.51.100.9", "127.0.0.1"],
    ["192.168.1.1", "198.51.100.9", "192.168.1.1"],
    ["192.0.2.8", "198.51.100.9", "192.0.2.8"],
    ["192.0.2.7", "198.51.100.9", "198.51.100.9"],
    ["10.0.0.1", undefined, "10.0.0.1"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["10.0.0.1", "1.1.1.1, 198.51.100.9", "198.51.100.9"],
    // A second proxy before the first.
    ["10.0.0.1", "1.1.1.1, 198.51.100.9, 10.2.3.4", "198.51.100.9"],
    ["10.0.0.1", "10.2.3.4, 10.2.3.5", "10.2.3.4"],
    ["10.0.0.1", "198.51.100.9, unknown", "10.0.0.1"],
    ["10.0.0.1", "198.51.100.9, unknown, 10.2.3.4", "10.2.3.4"],
    ["fd12::1", "2001:db8::1", "2001:db8::1"],
    ["::1", "198.51.100.9", "198.51.100.9"],
    ["@", "198.51.100.9", "198.51.100.9"],
  ] as const;
  const attemptAddress = createAttemptAddress(PROXIES);
  for (const [address, forwarded, expected] of cases) {
    const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
    assertEquals(attemptAddress(asking({ address, headers })), expected, `${address} ${forwarded}`);
  }
});

Deno.test("createAttemptAddress takes nobody's word where no proxy is known", () => {
  const attemptAddress = createAttemptAddress([]);
  for (const address of ["127.0.0.1", "::1", "10.0.0.1", "@", "203.0.113.1"]) {
    const headers = { "x-forwarded-for": "198.51.100.9" };
    assertEquals(attemptAddress(asking({ address, headers })), address);
  }
});
