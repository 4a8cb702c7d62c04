import { assertEquals } from "@std/assert";
import {
  basicChallenge,
  bearerChallenge,
  groupedScopes,
  singleScopes,
} from "../../src/auth/challenge.ts";
import { right } from "./_requests.ts";

const ACCESS = [right("a/b", "pull"), right("a/b", "push"), right("c", "pull")];

Deno.test("basicChallenge quotes its realm, and lets nothing else into the header", () => {
  assertEquals(basicChallenge("basic-realm"), 'Basic realm="basic-realm"');
  assertEquals(basicChallenge('a "b" \\c'), 'Basic realm="a \\"b\\" \\\\c"');
  assertEquals(basicChallenge("a\r\nX-Evil: 1é"), 'Basic realm="aX-Evil: 1"');
});

Deno.test("bearerChallenge names what there is, in the order of Distribution", () => {
  const realm = "https://auth.test/token";
  assertEquals(
    bearerChallenge({ realm, service: "s" }),
    'Bearer realm="https://auth.test/token",service="s"',
  );
  assertEquals(
    bearerChallenge({ realm, service: "s", scope: "repository:a:pull", error: "invalid_token" }),
    'Bearer realm="https://auth.test/token",service="s",scope="repository:a:pull",' +
      'error="invalid_token"',
  );
});

Deno.test("singleScopes writes a scope a record, groupedScopes one a resource", () => {
  assertEquals(
    singleScopes(ACCESS),
    "repository:a/b:pull repository:a/b:push repository:c:pull",
  );
  assertEquals(groupedScopes(ACCESS), "repository:a/b:pull,push repository:c:pull");
  assertEquals([singleScopes([]), groupedScopes([])], ["", ""]);
});
