import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { startDistribution2, startStowage } from "../support/servers.ts";
import { freePort, run, ServerProcess } from "../support/process.ts";
import { TempFolder } from "../support/temp.ts";
import { programPath, testWith } from "../support/tools.ts";
import { polled } from "../support/until.ts";
import { EVENTS, useRegistry } from "./_events.ts";

/** What a program in Go prints that knows the events by their types and takes no other field. */
async function readByGo(start: typeof startStowage): Promise<readonly string[]> {
  await using folder = await TempFolder.make();
  const source: string = join(import.meta.dirname ?? ".", "event_receiver.go");
  const program = folder.join("receiver");
  await run([programPath("go"), "build", "-o", program, source], { cwd: dirname(source) });
  const port = freePort();
  await using receiver = await ServerProcess.start({
    command: program,
    args: [`127.0.0.1:${port}`],
    readyUrl: port,
  });
  const url = `http://127.0.0.1:${port}/`;
  const endpoints = [{ name: "e", url, timeout: "1s", threshold: 5, backoff: "1s" }];
  const notifications = { events: { includereferences: true }, endpoints };
  await using registry = await start({ folder: folder.path, config: { notifications } });
  await useRegistry(registry.url);
  const lines = () => receiver.output.split("\n").filter((line) => line !== "");
  await polled(() => lines().length >= EVENTS);
  return lines().map((line) => line.replaceAll(registry.host, "HOST"));
}

testWith(["docker-registry", "go"], {
  name: "notifications: a receiver in Go with typed fields reads ours as it reads Distribution's",
  async fn() {
    const ours = await readByGo(startStowage);
    assertEquals(ours.length, EVENTS);
    assertEquals(ours.filter((line) => line.startsWith("cannot")), []);
    assertEquals(ours, await readByGo(startDistribution2));
  },
});
