import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import { PROGRAM_INSTRUMENTS } from "./instruments/program_instruments.ts";
import type { Meter } from "./meter.ts";

/** Time between two looks, in milliseconds. */
const INTERVAL_MS = 500;
const MS_PER_SECOND = 1000;

/** Options of {@linkcode watchEventLoop}. */
export interface WatchEventLoopOptions {
  readonly timers?: Timers;
  /** Milliseconds since any time, never going back. @default `performance.now` */
  readonly now?: () => number;
}

/**
 * Measures how late the timers of this thread come: so long does a request wait for its turn.
 *
 * @returns ends it
 */
export function watchEventLoop(meter: Meter, options: WatchEventLoopOptions = {}): () => void {
  const { timers = SYSTEM_TIMERS, now = () => performance.now() } = options;
  const delays = meter.histogram(PROGRAM_INSTRUMENTS.eventLoopDelay).with();
  let cancel = () => {};
  const look = () => {
    const dueAtMs = now() + INTERVAL_MS;
    cancel = timers.after(INTERVAL_MS, () => {
      delays.observe(Math.max(0, now() - dueAtMs) / MS_PER_SECOND);
      look();
    });
  };
  look();
  return () => cancel();
}
