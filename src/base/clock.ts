/** Tells the time; passed in wherever time matters, so that a test can set it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The clock of the machine. */
export const SYSTEM_CLOCK: Clock = { now: () => Date.now() };
