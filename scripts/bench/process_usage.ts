/**
 * What a process has used so far, all its threads together, as the kernel of Linux tells it.
 *
 * Source: proc_pid_stat(5), proc_pid_status(5).
 *
 * @module
 */

/** Memory of a process, in bytes. */
export interface MemoryUsage {
  /** What it holds now. */
  readonly residentBytes: number;
  /** The most it has ever held. */
  readonly peakBytes: number;
}

/** Length of the kernel's unit of processor time, in milliseconds: `USER_HZ` is 100 everywhere. */
const TICK_MS = 10;

/** Processor time in user and kernel mode, in milliseconds, from the text of `/proc/PID/stat`. */
export function parseCpuMs(stat: string): number {
  // The second field is the program's name in parentheses, which may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (Number.isNaN(ticks)) throw new Error(`Cannot read processor time from "${stat}"`);
  return ticks * TICK_MS;
}

/** Memory, from the text of `/proc/PID/status`. */
export function parseMemory(status: string): MemoryUsage {
  return { residentBytes: readField(status, "VmRSS"), peakBytes: readField(status, "VmHWM") };
}

/** Processor time that a process has used, in milliseconds. */
export async function readCpuMs(pid: number): Promise<number> {
  return parseCpuMs(await Deno.readTextFile(`/proc/${pid}/stat`));
}

/** Memory that a process holds and has held. */
export async function readMemory(pid: number): Promise<MemoryUsage> {
  return parseMemory(await Deno.readTextFile(`/proc/${pid}/status`));
}

function readField(status: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`Cannot read ${name} of a process`);
  return Number(kilobytes) * 1024;
}
