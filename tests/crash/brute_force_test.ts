import { assert, assertEquals } from "@std/assert";
import { hashSync } from "bcryptjs";
import { Buffer } from "node:buffer";
import { startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";

/** Makes one comparison take a second or more, so that whoever waits for one is found out. */
const COST = 14;

/** Longest time for a request that waits for no comparison, in milliseconds, on a busy machine. */
const MAX_MS = 900;

const THREADS = 2;
const ATTACKERS = 12;
const MIN_GUESSES = 100;
const MIN_REQUESTS = 300;

/** The headers of a client at an address, as a proxy on this machine tells it. */
function client(password: string, address: string): HeadersInit {
  const credentials = Buffer.from(`alice:${password}`).toString("base64");
  return { authorization: `Basic ${credentials}`, "x-forwarded-for": address };
}

/** Sends a request, and gives its status and how long it took. */
async function timed(url: string, headers: HeadersInit): Promise<{ status: number; ms: number }> {
  const startedMs = performance.now();
  const response = await fetch(url, { headers });
  await response.body?.cancel();
  return { status: response.status, ms: performance.now() - startedMs };
}

Deno.test("guessing passwords stops nobody else", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("htpasswd", `alice:${hashSync("right", COST)}\n`);
  await using registry = await startStowage({
    folder: temp.path,
    config: {
      auth: { htpasswd: { realm: "Registry", path } },
      http: { workers: THREADS },
    },
  });
  const url = `${registry.url}/v2/`;
  const alice = client("right", "198.51.100.7");

  let isOver = false;
  const guesses: number[] = [];
  const attackers = Array.from({ length: ATTACKERS }, async (_, attacker) => {
    for (let guess = 0; !isOver; guess++) {
      const { status } = await timed(url, client(`${attacker} ${guess}`, "203.0.113.1"));
      guesses.push(status);
    }
  });
  const attack = Promise.allSettled(attackers);
  const times: number[] = [];
  while (times.length < MIN_REQUESTS || guesses.length < MIN_GUESSES) {
    const { status, ms } = await timed(url, alice);
    assertEquals(status, 200);
    times.push(ms);
  }
  isOver = true;
  await registry.process.stop();
  await attack;

  times.sort((a, b) => a - b);
  const slow = times.filter((ms) => ms > MAX_MS).length;
  const median = times[Math.floor(times.length / 2)] ?? 0;
  console.log(`crash: brute force: ${guesses.length} guesses, median ${median.toFixed(1)} ms`);
  // Each thread has to see the right password once, and a machine may be busy. If comparisons stopped
  // a thread, nearly every request would be slow.
  assert(
    slow <= times.length / 20,
    `${slow} of ${times.length} requests took longer than ${MAX_MS} ms`,
  );
  assert(guesses.every((status) => status === 401 || status === 429), String(new Set(guesses)));
});
