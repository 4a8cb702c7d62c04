import { assertEquals } from "@std/assert";
import { parseBasic, parseBearer } from "../../src/auth/credentials.ts";
import { basic } from "./_requests.ts";

Deno.test("parseBasic reads names and passwords, in any script and with colons", () => {
  for (
    const [userName, password] of [["alice", "secret"], ["Ünïcode", "пароль"], ["a", "b:c"], [
      "",
      "",
    ]] as const
  ) {
    assertEquals(parseBasic(basic(userName, password)), { userName, password });
  }
  assertEquals(parseBasic("basic  YTpi"), { userName: "a", password: "b" });
});

Deno.test("parseBasic refuses other schemes and what is malformed", () => {
  for (const text of ["", "Basic", "Basic ", "Bearer YTpi", "Basic YWI=", "Basic !!!", "Basic a"]) {
    assertEquals(parseBasic(text), undefined, text);
  }
});

Deno.test("parseBearer reads a token, whatever the case of the scheme", () => {
  assertEquals(parseBearer("Bearer a.b.c"), "a.b.c");
  assertEquals(parseBearer("bEARER a.b.c "), "a.b.c");
  for (const text of ["", "Bearer", "Bearer ", "Basic a.b.c", "Bearer a b"]) {
    assertEquals(parseBearer(text), undefined, text);
  }
});
