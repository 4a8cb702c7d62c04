import { delay } from "@std/async/delay";
import { type Address, HttpConnection } from "./http_connection.ts";
import { type Contestant, ENV, prepareServer, type ServerOptions } from "./servers.ts";

/** Time between two attempts to connect, in milliseconds. */
const POLL_MS = 2;

/** How long a server may take, in milliseconds. */
const LIMIT_MS = 60_000;

/** The time from the start of a registry's process to its first answer, in milliseconds. */
export async function measureStart(
  contestant: Contestant,
  options: ServerOptions & { readonly signal?: AbortSignal },
): Promise<number> {
  const { command, args, address } = await prepareServer(contestant, options);
  const startMs = performance.now();
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...ENV },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    return await untilAnswered(address, { deadlineMs: startMs + LIMIT_MS, ...options }) - startMs;
  } finally {
    stop(child);
    await child.status;
  }
}

/** Asks until there is an answer; gives the time of it. */
async function untilAnswered(
  address: Address,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal?: AbortSignal },
): Promise<number> {
  while (performance.now() < deadlineMs) {
    signal?.throwIfAborted();
    try {
      using connection = await HttpConnection.open(address, { signal });
      const { status } = await connection.send({ method: "GET", path: "/v2/" });
      if (status === 200) return performance.now();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    await delay(POLL_MS);
  }
  throw new Error(`Cannot measure the start: no answer in ${LIMIT_MS / 1000} s`);
}

function stop(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    // It ended by itself.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}
