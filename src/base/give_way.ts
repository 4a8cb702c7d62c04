import os from "node:os";

/** As nice as can be, from -20 to 19: others get about seventy times as much of a processor. */
const NICEST = 19;

/** The policy for what runs where nothing else would. Source: `linux/sched.h`, sched(7). */
const SCHED_IDLE = 5;

/**
 * Lets all other threads go first, for as long as this one lives. It then wakes up on a processor
 * that is idle, and leaves it at once to whatever else becomes ready there; where all are busy it
 * still gets a few thousandths of one.
 *
 * It works on Linux alone: other systems count priorities by process. Without the right to change
 * them, or to call the system, the thread goes on as it is.
 */
export function giveWay(): void {
  if (Deno.build.os !== "linux") return;
  try {
    os.setPriority(0, NICEST);
    becomeIdle();
  } catch {
    // See above.
  }
}

/** The runtime knows priorities but no policies. */
function becomeIdle(): void {
  const libc = Deno.dlopen("libc.so.6", {
    // int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
    sched_setscheduler: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  });
  // The only field of the struct: the priority, of which this policy has none.
  libc.symbols.sched_setscheduler(0, SCHED_IDLE, new Int32Array([0]));
  libc.close();
}
