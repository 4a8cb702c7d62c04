import { assertEquals } from "@std/assert";

/** Places in `/proc/PID/stat` behind the name in brackets. Source: proc_pid_stat(5). */
const NICE = 16;
const POLICY = 38;

Deno.test({
  name: "giveWay lets other threads go first, and changes no other thread",
  ignore: Deno.build.os !== "linux",
  async fn() {
    assertEquals(await scheduling("giveWay()"), { nice: 19, policy: 5 });
    assertEquals(await scheduling(""), { nice: 0, policy: 0 });
  },
});

/** How a thread is scheduled that has run `statement`. */
async function scheduling(statement: string): Promise<{ nice: number; policy: number }> {
  const module = new URL("../../src/base/give_way.ts", import.meta.url);
  const source = `import { giveWay } from ${JSON.stringify(module)};
    ${statement};
    postMessage(Deno.readTextFileSync("/proc/thread-self/stat"));`;
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  const worker = new Worker(url, { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  worker.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
  try {
    const fields = (await promise).split(") ")[1]?.split(" ") ?? [];
    return { nice: Number(fields[NICE]), policy: Number(fields[POLICY]) };
  } finally {
    worker.terminate();
  }
}
