import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { ServerError } from "../../src/server/error.ts";
import { toServerError } from "../../src/server/listen_error.ts";

const ADDRESS = { transport: "tcp", hostname: "192.0.2.1", port: 5000 } as const;

Deno.test("toServerError tells what to do about what the system says", () => {
  const cases: [error: unknown, code: string, says: string][] = [
    [new Deno.errors.AddrInUse("98"), "address_in_use", "address already in use"],
    [new Deno.errors.AddrNotAvailable("99"), "address_unavailable", "no such address"],
    [new Deno.errors.PermissionDenied("13"), "permission_denied", "ports below 1024"],
    [new Deno.errors.NotCapable("net"), "permission_denied", "--allow-net"],
    [new Deno.errors.NotFound("2"), "address_unavailable", "folder does not exist"],
    [new Error("failed to lookup address information: x"), "address_unavailable", "no address"],
    [new Error("the moon is full"), "listen_failed", "the moon is full"],
    ["odd", "listen_failed", "odd"],
  ];
  for (const [cause, code, says] of cases) {
    const error = toServerError(cause, { address: ADDRESS, key: "http.addr" });
    assertEquals([error.code, error.cause], [code, cause]);
    assertStringIncludes(error.message, 'Cannot listen on http.addr "192.0.2.1:5000": ');
    assertStringIncludes(error.message, says);
  }
});

Deno.test("toServerError leaves an error of its own family alone", () => {
  const error = new ServerError("not_a_socket", "Cannot listen");

  assertStrictEquals(toServerError(error, { address: ADDRESS, key: "http.addr" }), error);
});
