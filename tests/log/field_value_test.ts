import { assert, assertEquals, assertFalse } from "@std/assert";
import { HIDDEN, isSecretName, plainValue } from "../../src/log/field_value.ts";

Deno.test("isSecretName knows secrets in every spelling", () => {
  const secrets = ["password", "http.secret", "Authorization", "Proxy-Authorization", "Set-Cookie"]
    .concat(["secret_key", "clientSecret", "refresh_token", "storage.s3.secretkey", "API-KEY"])
    .concat(["accountkey", "private.key", "PASSWD"]);
  for (const name of secrets) assert(isSecretName(name), name);
});

Deno.test("isSecretName leaves other names alone", () => {
  const names = ["auth.user.name", "vars.digest", "http.request.uri", "token.issuer", "key"];
  for (const name of names) assertFalse(isSecretName(name), name);
});

Deno.test("plainValue hides a secret, at any depth and of any type", () => {
  assertEquals(plainValue("password", 12345), HIDDEN);
  assertEquals(plainValue("redis", { addr: "r:6379", password: "x" }), {
    addr: "r:6379",
    password: HIDDEN,
  });
  assertEquals(plainValue("list", [{ token: ["x"] }]), [{ token: HIDDEN }]);
  assertEquals(plainValue("headers", new Map([["authorization", "Basic x"]])), {
    authorization: HIDDEN,
  });
});

Deno.test("plainValue hides the password inside a URL", () => {
  const url = new URL("https://ann:s%40cret@example.com/v2/");

  assertEquals(plainValue("remote", url), "https://ann:<hidden>@example.com/v2/");
});

Deno.test("plainValue makes foreign values plain", () => {
  const cases: [value: unknown, plain: unknown][] = [
    [new RangeError("too far"), "too far"],
    [new Error(), "Error"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new Date(Number.NaN), "null"],
    [new Set([1, "b"]), [1, "b"]],
    [new Uint8Array(7), "<7 bytes>"],
    [10n, "10"],
    [Number.NaN, "NaN"],
    [null, null],
    [{ a: undefined, b: true }, { b: true }],
    [{ toJSON: () => "short" }, "short"],
  ];
  for (const [value, plain] of cases) assertEquals(plainValue("value", value), plain);
});

Deno.test("plainValue ends on a value that contains itself", () => {
  const loop: Record<string, unknown> = { name: "loop" };
  loop.self = loop;

  const text = JSON.stringify(plainValue("value", loop));

  assert(text.length < 200);
  assert(text.includes("…"));
});

Deno.test("plainValue cuts a long list", () => {
  const plain = plainValue("value", Array.from({ length: 1000 }, (_, index) => index));

  assertEquals(Array.isArray(plain) && plain.length, 65);
});

Deno.test("plainValue survives a value that cannot be read", () => {
  const hostile = {
    get trap(): string {
      throw new Error("no entry");
    },
  };

  assertEquals(plainValue("value", hostile), "<unreadable: no entry>");
});
