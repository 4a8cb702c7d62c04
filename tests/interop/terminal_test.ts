import { assertEquals, assertMatch } from "@std/assert";
import { makeTree } from "../../scripts/bench_collector.ts";
import { tryRun } from "../support/process.ts";
import { filesystemStorage, stowageProgram } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

/** What stands before and behind a line that is taken away again. */
const CLEAR = "\r\x1b[2K";

testWith(["script"], {
  name: "garbage-collect and check show how far they are at a terminal, and only there",
  async fn() {
    await using temp = await TempFolder.make();
    makeTree(temp.join("data"), { blobs: 300, manifests: 30, tagged: 10 });
    const storage = filesystemStorage(temp.join("data"));
    const config = await temp.write("config.yml", JSON.stringify({ version: "0.1", storage }));
    const [program, ...flags] = await stowageProgram();
    for (const args of [["garbage-collect", "--quiet"], ["check"]]) {
      const command = [program, ...flags, ...args, config] as const;
      const piped = await tryRun(command);
      assertEquals([piped.code, piped.stdout, piped.stderr.includes("\r")], [0, "", false]);
      const words = command.map((word) => `'${word}'`).join(" ");
      const shown = await tryRun([
        "script",
        "--quiet",
        "--return",
        "--command",
        words,
        "/dev/null",
      ]);
      assertEquals(shown.code, 0);
      const lines = shown.stdout.split(CLEAR).filter((line) => line.trim() !== "");
      assertMatch(lines[0] ?? "", /^[a-z ]+(: [0-9]+| \[[#-]{30}\] [0-9]+ % \([0-9]+\/[0-9]+\))$/);
    }
  },
});
