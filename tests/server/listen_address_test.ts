import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ServerError } from "../../src/server/error.ts";
import {
  formatListenAddress,
  isAnyAddress,
  parseListenAddress,
} from "../../src/server/listen_address.ts";

Deno.test("parseListenAddress reads what Go reads", () => {
  const cases: [addr: string, hostname: string, port: number][] = [
    [":5000", "::", 5000],
    ["0.0.0.0:5000", "0.0.0.0", 5000],
    ["127.0.0.1:0", "127.0.0.1", 0],
    ["localhost:65535", "localhost", 65535],
    ["[::1]:5000", "::1", 5000],
    ["[::]:5000", "::", 5000],
    ["[fe80::1%eth0]:80", "fe80::1%eth0", 80],
    ["registry.example.com:https", "registry.example.com", 443],
    [":http", "::", 80],
    ["127.0.0.1:", "127.0.0.1", 0],
  ];
  for (const [addr, hostname, port] of cases) {
    assertEquals(parseListenAddress(addr, { net: "tcp" }), { transport: "tcp", hostname, port });
  }
});

Deno.test("parseListenAddress says what is wrong with an address", () => {
  const cases: [addr: string, says: string][] = [
    ["", "a port is missing"],
    ["5000", "a port is missing"],
    ["127.0.0.1", "a port is missing"],
    ["::1:5000", "must be in brackets"],
    ["[::1]", "must be in brackets"],
    ["localhost:65536", 'from 0 to 65535, got "65536"'],
    ["localhost:-1", 'got "-1"'],
    ["localhost:constructor", 'got "constructor"'],
    ["http://localhost:5000", "must be"],
  ];
  for (const [addr, says] of cases) {
    const error = assertThrows(
      () => parseListenAddress(addr, { net: "tcp" }),
      ServerError,
    ) as ServerError;
    assertEquals(error.code, "bad_address");
    assertStringIncludes(error.message, `http.addr "${addr}"`);
    assertStringIncludes(error.message, says);
  }
});

Deno.test("parseListenAddress takes a path for a unix socket", () => {
  const path = "/run/stowage.sock";

  assertEquals(parseListenAddress(path, { net: "unix" }), { transport: "unix", path });
  assertThrows(() => parseListenAddress("", { net: "unix" }), ServerError, "path of a socket");
});

Deno.test("formatListenAddress writes what parseListenAddress reads", () => {
  const hostname = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  fc.assert(fc.property(hostname, fc.integer({ min: 0, max: 65535 }), (hostname, port) => {
    const address = { transport: "tcp", hostname, port } as const;

    assertEquals(parseListenAddress(formatListenAddress(address), { net: "tcp" }), address);
  }));
});

Deno.test("isAnyAddress knows every interface in both families", () => {
  assert(isAnyAddress("::"));
  assert(isAnyAddress("0.0.0.0"));
  assertFalse(isAnyAddress("127.0.0.1"));
});
