import { assertEquals, assertThrows } from "@std/assert";
import { AuthError } from "../../src/auth/errors.ts";
import { bcryptCost, parseHtpasswd, withUser } from "../../src/auth/htpasswd_file.ts";

const HASH = "$2y$05$abcdefghijklmnopqrstuuFyV8Yy6Zb5r3sJm1nq3vO5bqkqkqkqk";

Deno.test("parseHtpasswd passes over blank lines and comments, and trims", () => {
  const users = parseHtpasswd(`\n# a comment\n  alice:${HASH}  \r\n\t\nbob:{SHA}x#y:z\n`);

  assertEquals([...users], [["alice", HASH], ["bob", "{SHA}x#y:z"]]);
  assertEquals([...parseHtpasswd("")], []);
});

Deno.test("parseHtpasswd names the line that has no colon", () => {
  const error = assertThrows(() => parseHtpasswd("a:b\n\nnobody\n"), AuthError, "line 3");
  assertEquals(error.code, "unavailable");
});

Deno.test("bcryptCost knows bcrypt alone", () => {
  assertEquals(bcryptCost(HASH), 5);
  for (const other of ["", "plain", "{SHA}x", "$apr1$a$b", HASH.slice(1), `${HASH}x`]) {
    assertEquals(bcryptCost(other), undefined, other);
  }
  assertEquals(bcryptCost(HASH.replace("$05$", "$99$")), undefined);
});

Deno.test("withUser adds, replaces and takes out one user, and keeps every other line", () => {
  const text = "# ours\nalice:1\nbob:2\nalice:3\n";

  assertEquals(withUser("", { userName: "a", hash: "h" }), "a:h\n");
  assertEquals(withUser("x:1", { userName: "a", hash: "h" }), "x:1\na:h\n");
  assertEquals(withUser(text, { userName: "alice", hash: "h" }), "# ours\nbob:2\nalice:h\n");
  assertEquals(withUser(text, { userName: "bob", hash: undefined }), "# ours\nalice:1\nalice:3\n");
  assertEquals(withUser("a:1\n", { userName: "a", hash: undefined }), "");
});
