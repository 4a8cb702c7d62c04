import { assertEquals } from "@std/assert";
import { selectEvents } from "../../src/notifications/select_events.ts";
import { endpointOf } from "./_endpoint.ts";

const PULLS = { ignore: ["ci/*", "tmp/**"], sample: [{ repositories: "big/**", rate: 10 }] };

Deno.test("selectEvents ignores pulls by name, and takes a sample of others", () => {
  let drawn = 0;
  const wants = selectEvents([endpointOf()], { pulls: PULLS, random: () => drawn });

  assertEquals(wants("pull", "ci/a"), false);
  assertEquals(wants("pull", "ci/a/b"), true);
  assertEquals(wants("pull", "tmp/a/b"), false);
  assertEquals(wants("push", "tmp/a/b"), true);
  assertEquals(wants("pull", "big/a"), true);
  drawn = 0.1;
  assertEquals(wants("pull", "big/a"), false);
  assertEquals(wants("push", "big/a"), true);
});

Deno.test("selectEvents leaves out actions that every endpoint ignores", () => {
  const deaf = endpointOf({ ignore: { mediaTypes: [], actions: ["pull"] } });
  const pulls = { ignore: [], sample: [] };

  const one = selectEvents([deaf], { pulls, random: Math.random });
  const two = selectEvents([deaf, endpointOf()], { pulls, random: Math.random });

  assertEquals([one("pull", "r"), one("push", "r")], [false, true]);
  assertEquals(two("pull", "r"), true);
});
