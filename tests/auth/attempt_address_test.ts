import { assertEquals } from "@std/assert";
import { attemptAddress } from "../../src/auth/attempt_address.ts";
import { asking } from "./_requests.ts";

Deno.test("attemptAddress takes a proxy's word only where it comes from the inside", () => {
  const cases = [
    ["203.0.113.1", undefined, "203.0.113.1"],
    ["203.0.113.1", "198.51.100.9", "203.0.113.1"],
    ["127.0.0.1", undefined, "127.0.0.1"],
    ["127.0.0.1", "198.51.100.9", "198.51.100.9"],
    ["10.0.0.1", "1.1.1.1, 198.51.100.9", "198.51.100.9"],
    ["::1", "198.51.100.9", "198.51.100.9"],
    ["@", "198.51.100.9", "198.51.100.9"],
    ["172.32.0.1", "198.51.100.9", "172.32.0.1"],
  ] as const;
  for (const [address, forwarded, expected] of cases) {
    const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
    assertEquals(attemptAddress(asking({ address, headers })), expected, `${address} ${forwarded}`);
  }
});
