/** Waits; passed in wherever something is done later, so that a test need not wait. */
export interface Timers {
  /** Calls `task` after `delayMs` milliseconds, unless the function that it gives is called. */
  after(delayMs: number, task: () => void): () => void;
}

/** Longest time that a timer of the runtime can count, in milliseconds; a longer one fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The timers of the runtime. */
export const SYSTEM_TIMERS: Timers = {
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(delayMs, MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
