import { assertEquals } from "@std/assert";
import { makeEnvelope } from "../../src/notifications/envelope.ts";
import { endpointOf, eventOf } from "../notifications/_endpoint.ts";
import { freePort, ServerProcess } from "../support/process.ts";
import { TempFolder } from "../support/temp.ts";
import { programPath, testWith } from "../support/tools.ts";

/** The receiver that the manual shows, at a port of its own. */
async function exampleReceiver(port: number): Promise<string> {
  const page = await Deno.readTextFile(new URL("../../docs/notifications.md", import.meta.url));
  const program = /```python\n(.*?)```/s.exec(page)?.[1] ?? "";
  assertEquals(program.includes("8080"), true);
  return program.replace("8080", String(port));
}

testWith(["python3"], {
  name: "notifications: the manual's receiver takes what is signed, and nothing else",
  async fn() {
    await using folder = await TempFolder.make();
    const port = freePort();
    const script = await folder.write("receiver.py", await exampleReceiver(port));
    await using receiver = await ServerProcess.start({
      command: programPath("python3"),
      args: [script],
      readyUrl: port,
    });
    const post = async (secret: string) => {
      const message = makeEnvelope([eventOf("1")], endpointOf({ secret }));
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", ...message });
      await response.body?.cancel();
      return response.status;
    };

    assertEquals(await post("a long random text"), 200);
    assertEquals(await post("another"), 403);
    await receiver.stop();
    assertEquals(receiver.output.includes("push r 1"), true);
  },
});
