import { assertEquals } from "@std/assert";
import { parseAccessFile } from "../../src/auth/access_file.ts";

const { policy } = parseAccessFile(`
groups: { admins: [root], readers: [alice, bob] }
rules:
  - { repositories: "secret/**", who: user:bob, deny: [pull, push] }
  - { repositories: "public/**", who: anonymous, allow: pull }
  - { repositories: "team/{user}/**", who: users, allow: [pull, push] }
  - { repositories: "secret/**", who: group:readers, allow: pull }
  - { repositories: "**", who: group:admins, allow: [pull, push, delete, list] }
`);

Deno.test("Policy.may goes by the first rule that mentions the action", () => {
  const cases = [
    ["", "pull", "public/a", true],
    ["alice", "pull", "public/a", true],
    ["", "push", "public/a", false],
    ["", "pull", "private", false],
    ["alice", "push", "team/alice/app", true],
    ["alice", "push", "team/bob/app", false],
    ["", "push", "team//app", false],
    ["alice", "delete", "team/alice/app", false],
    ["alice", "pull", "secret/a", true],
    ["bob", "pull", "secret/a", false],
    ["root", "delete", "secret/a", true],
    ["root", "list", "anything", true],
    ["alice", "list", "public/a", false],
    ["root", "constructor", "a", false],
    ["carol", "pull", "secret/a", false],
  ] as const;
  for (const [userName, action, repository, expected] of cases) {
    const what = `${userName} ${action} ${repository}`;
    assertEquals(policy.may(userName, action, repository), expected, what);
  }
});
