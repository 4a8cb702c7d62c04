import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";

/** Failures that cost nothing: everybody mistypes a password. */
const FREE_FAILURES = 5;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 8000;
/** After so many milliseconds half of the failures are forgotten. */
const HALF_LIFE_MS = 60_000;
const MAX_ADDRESSES = 10_000;

interface Failures {
  readonly count: number;
  readonly atMs: number;
}

/**
 * Counts the attempts to sign in that failed, by address, and says how long the next one has to
 * wait. Success forgives nothing: whoever has a password of their own could otherwise guess on.
 */
export class FailureBrake {
  readonly #clock: Clock;
  readonly #failures = new LRUCache<string, Failures>({ max: MAX_ADDRESSES });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the next attempt from `address` has to wait, in milliseconds. */
  delayMs(address: string): number {
    const count = this.#count(address);
    if (count < FREE_FAILURES) return 0;
    return Math.min(FIRST_DELAY_MS * 2 ** (count - FREE_FAILURES), MAX_DELAY_MS);
  }

  /** Notes that an attempt has failed. */
  failed(address: string): void {
    this.#failures.set(address, { count: this.#count(address) + 1, atMs: this.#clock.now() });
  }

  #count(address: string): number {
    const failures = this.#failures.get(address);
    if (failures === undefined) return 0;
    const halvings = Math.floor((this.#clock.now() - failures.atMs) / HALF_LIFE_MS);
    return Math.floor(failures.count / 2 ** Math.max(halvings, 0));
  }
}
