import { assert, assertEquals, assertThrows } from "@std/assert";
import { hashSync } from "bcryptjs";
import { parseAccessFile } from "../../src/auth/access_file.ts";
import { AuthError } from "../../src/auth/errors.ts";

const HASH = hashSync("secret", 4);

Deno.test("parseAccessFile reads users, groups and rules", () => {
  const { users, htpasswd, policy } = parseAccessFile(`
htpasswd: users
users: { alice: "${HASH}" }
groups: { team: [alice, bob] }
rules:
  - { repositories: [a, "b/**"], who: ["group:team", "user:carol"], allow: [pull, push] }
`);

  assertEquals([htpasswd, [...users]], ["users", [["alice", HASH]]]);
  assert(policy.may("bob", "push", "b/c") && policy.may("carol", "pull", "a"));
  assert(!policy.may("dave", "pull", "a"));
});

Deno.test("parseAccessFile takes an empty file for nobody with nothing", () => {
  for (const text of ["", "# nothing\n", "users:\ngroups:\nrules:\n"]) {
    const { users, policy } = parseAccessFile(text);
    assertEquals([users.size, policy.may("", "pull", "a")], [0, false]);
  }
});

Deno.test("parseAccessFile names every problem by its place, and tells no hash", () => {
  const cases = [
    ["[]", "the file"],
    ["users: { alice: plain-secret }", "users.alice: must be a bcrypt hash"],
    ['users: { "a:b": "x" }', "users.a:b"],
    ["groups: { a: b }", "groups.a"],
    ["rules: [{ repositories: a, who: users }]", "rules.0: must allow or deny something"],
    ["rules: [{ repositories: a**, who: users, allow: pull }]", "rules.0.repositories"],
    ["rules: [{ repositories: a, who: everybody, allow: pull }]", "rules.0.who"],
    ["rules: [{ repositories: a, who: group:x, allow: pull }]", 'rules.0.who: no group "x"'],
    ["rules: [{ repositories: a, who: users, allow: write }]", "rules.0.allow"],
    ["rules: [{ repositories: a, who: users, alow: pull }]", "rules.0"],
    ["rulez: []", "rulez"],
    ["a: b: c", "access file"],
  ] as const;
  for (const [text, expected] of cases) {
    const error = assertThrows(() => parseAccessFile(text), AuthError);
    assertEquals(error.code, "unavailable");
    assert(error.message.includes(expected), `${text}: ${error.message}`);
    assert(!error.message.includes("plain-secret"), error.message);
  }
});

Deno.test("parseAccessFile reads every example", async () => {
  const folder = new URL("../../deploy/access/", import.meta.url);
  let found = 0;
  for await (const { name } of Deno.readDir(folder)) {
    parseAccessFile(await Deno.readTextFile(new URL(name, folder)));
    found++;
  }
  assert(found > 0);
});
