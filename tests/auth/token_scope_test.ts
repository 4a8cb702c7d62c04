import { assertEquals } from "@std/assert";
import { parseAccessFile } from "../../src/auth/access_file.ts";
import { grantScopes, parseScopes } from "../../src/auth/token_scope.ts";

const { policy } = parseAccessFile(`
rules:
  - { repositories: "public/**", who: anonymous, allow: pull }
  - { repositories: "**", who: user:root, allow: [pull, push, delete, list] }
`);

Deno.test("parseScopes reads names with ports, classes, and several scopes in one value", () => {
  assertEquals(
    parseScopes([
      "repository:a/b:pull,push repository(plugin):c:*",
      "repository:host:5000/d:pull",
      "",
    ]),
    [
      { type: "repository", name: "a/b", actions: ["pull", "push"] },
      { type: "repository", name: "c", actions: ["*"] },
      { type: "repository", name: "host:5000/d", actions: ["pull"] },
    ],
  );
  assertEquals(parseScopes(["repository", "a:b", "::", "repository:a:PULL", "x y"]), []);
  assertEquals(parseScopes(Array.from({ length: 101 }, () => "repository:a:pull")), undefined);
});

Deno.test("grantScopes gives never more than was asked for, nor more than is allowed", () => {
  const granted = (userName: string, ...scopes: readonly string[]) =>
    grantScopes(parseScopes(scopes) ?? [], { policy, userName });
  const all = { type: "repository", name: "a" };

  assertEquals(granted("", "repository:public/a:pull,push"), [
    { type: "repository", name: "public/a", actions: ["pull"] },
  ]);
  assertEquals(granted("", "repository:a:pull"), []);
  assertEquals(granted("root", "repository:a:pull"), [{ ...all, actions: ["pull"] }]);
  assertEquals(granted("root", "repository:a:*"), [{
    ...all,
    actions: ["pull", "push", "delete"],
  }]);
  assertEquals(granted("root", "repository:a:list,admin", "other:a:pull"), []);
  assertEquals(granted("", "registry:catalog:*", "registry:catalog:pull", "registry:other:*"), [
    { type: "registry", name: "catalog", actions: ["*"] },
  ]);
});
