import { assertEquals, assertGreater } from "@std/assert";
import { describeMachine, fileSystemOf } from "../../../scripts/bench/machine.ts";
import { testWith } from "../../support/tools.ts";

const MOUNTS = `/dev/a / ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/b /srv/data xfs rw 0 0
`;

Deno.test("fileSystemOf takes the innermost mount", () => {
  const folders = ["/srv", "/srv/data", "/srv/data/x", "/srv/database", "/tmp/y"];
  assertEquals(folders.map((folder) => fileSystemOf(folder, MOUNTS)), [
    "ext4",
    "xfs",
    "xfs",
    "ext4",
    "tmpfs",
  ]);
  assertEquals(fileSystemOf("/x", ""), "unknown");
});

testWith(["linux"], {
  name: "describeMachine looks at this machine",
  fn: async () => {
    const { cores, memoryBytes, deno } = await describeMachine("/");
    assertGreater(cores, 0);
    assertGreater(memoryBytes, 0);
    assertEquals(deno, Deno.version.deno);
  },
});
