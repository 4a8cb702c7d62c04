/**
 * The entry of the program, and of each thread that serves for it. A thread loads only what it
 * needs: it is told the configuration and does not read it.
 *
 * @module
 */

import type { PasswordThreadScope } from "./auth/run_password_thread.ts";
import type { ThreadScope } from "./cli/serving_thread.ts";
import type { SenderThreadScope } from "./notifications/run_sender_thread.ts";

if ("WorkerGlobalScope" in globalThis && globalThis.name === "passwords") {
  const { runPasswordThread } = await import("./auth/run_password_thread.ts");
  await runPasswordThread(globalThis as unknown as PasswordThreadScope);
} else if ("WorkerGlobalScope" in globalThis && globalThis.name === "events") {
  const { runSenderThread } = await import("./notifications/run_sender_thread.ts");
  runSenderThread(globalThis as unknown as SenderThreadScope);
} else if ("WorkerGlobalScope" in globalThis) {
  const { runServingThread } = await import("./cli/serving_thread.ts");
  runServingThread(globalThis as unknown as ThreadScope);
} else {
  const { realSurroundings } = await import("./cli/real_surroundings.ts");
  const { runProgram } = await import("./cli/run_program.ts");
  const { useVectoredWrites } = await import("./server/vectored_writes.ts");
  useVectoredWrites(Deno.env);
  Deno.exit(await runProgram(Deno.args, realSurroundings(import.meta.url)));
}
