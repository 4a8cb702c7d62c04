import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { KeyedMutex } from "../base/keyed_mutex.ts";
import { SingleFlight } from "../base/single_flight.ts";
import type { Timers } from "../base/timers.ts";
import type { BasicCredentials } from "./credentials.ts";
import type { Asker } from "./attempt_address.ts";
import { AuthError } from "./errors.ts";
import { FailureBrake } from "./failure_brake.ts";
import { bcryptCost, type UserHashes } from "./htpasswd_file.ts";
import { createKeyedDigest } from "./keyed_digest.ts";
import type { PasswordComparer } from "./password_thread.ts";

/** How long a password that was right is known again without a comparison, in milliseconds. */
const REMEMBER_MS = 5 * 60_000;
const MAX_REMEMBERED = 10_000;
/** Most attempts that wait: from everywhere, from one address, and from one that has failed often. */
const MAX_WAITING = 1000;
const MAX_WAITING_FROM_ADDRESS = 50;
const MAX_WAITING_AFTER_FAILURES = 4;
/** Cost of a comparison for an unknown user where nobody is known. */
const DEFAULT_COST = 10;

/** Options of {@linkcode PasswordChecker}. */
export interface PasswordCheckerOptions {
  readonly comparer: PasswordComparer;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Tells where an attempt comes from. @default the other end of the connection */
  readonly attemptAddress?: (asker: Asker) => string;
}

/** One attempt to sign in. */
export interface Attempt extends BasicCredentials {
  readonly users: UserHashes;
  /** The request that it came with. */
  readonly asker: Asker;
}

/**
 * Checks passwords: once with bcrypt, then for a while by a keyed digest. Nothing tells by its time
 * whether a user exists, and who fails again and again has to wait.
 */
export class PasswordChecker {
  readonly #comparer: PasswordComparer;
  readonly #timers: Timers;
  readonly #attemptAddress: (asker: Asker) => string;
  readonly #brake: FailureBrake;
  readonly #digest = createKeyedDigest();
  /** By name and password: the hash that they matched. */
  readonly #remembered: LRUCache<string, string>;
  readonly #flights = new SingleFlight<boolean>();
  readonly #turns = new KeyedMutex();
  readonly #waiting = new Map<string, number>();
  readonly #delays = new Set<() => void>();
  #waitingInAll = 0;

  constructor({ comparer, clock, timers, attemptAddress }: PasswordCheckerOptions) {
    this.#attemptAddress = attemptAddress ?? (({ client }) => client.address);
    this.#comparer = comparer;
    this.#timers = timers;
    this.#brake = new FailureBrake(clock);
    this.#remembered = new LRUCache({
      max: MAX_REMEMBERED,
      ttl: REMEMBER_MS,
      ttlResolution: 0,
      perf: clock,
    });
  }

  /** Tells whether this password was right a while ago, and has not been changed since. */
  remembers({ userName, password }: BasicCredentials, users: UserHashes): boolean {
    const hash = users.get(userName);
    return hash !== undefined && this.#remembered.get(this.#digest(userName, password)) === hash;
  }

  /**
   * Tells whether a password is right.
   *
   * @throws {AuthError} throttled: too many attempts have failed, or are waiting
   */
  async check(attempt: Attempt): Promise<boolean> {
    if (this.remembers(attempt, attempt.users)) return true;
    const { userName, password, users } = attempt;
    const hash = users.get(userName) ?? "";
    const key = this.#digest(userName, password, hash);
    return await this.#flights.run(key, () => this.#waitAndCompare(attempt));
  }

  /** Ends what waits. */
  close(): void {
    for (const end of this.#delays) end();
    this.#comparer.close();
  }

  async #waitAndCompare(attempt: Attempt): Promise<boolean> {
    const address = this.#attemptAddress(attempt.asker);
    const delayMs = this.#brake.delayMs(address);
    const waiting = this.#waiting.get(address) ?? 0;
    const limit = delayMs > 0 ? MAX_WAITING_AFTER_FAILURES : MAX_WAITING_FROM_ADDRESS;
    const isFull = this.#waitingInAll >= MAX_WAITING || waiting >= limit;
    if (isFull) {
      const retryAfterSeconds = Math.max(1, Math.ceil(delayMs / 1000));
      throw new AuthError("throttled", { reason: "too many failures", retryAfterSeconds });
    }
    this.#waiting.set(address, waiting + 1);
    this.#waitingInAll++;
    try {
      // One at a time from each address: a thousand guesses keep nobody else waiting for long.
      return await this.#turns.run(address, async () => {
        const delayNowMs = this.#brake.delayMs(address);
        if (delayNowMs > 0) await this.#delay(delayNowMs);
        if (await this.#compare(attempt)) return true;
        this.#brake.failed(address);
        return false;
      });
    } finally {
      this.#waitingInAll--;
      const left = (this.#waiting.get(address) ?? 1) - 1;
      if (left === 0) this.#waiting.delete(address);
      else this.#waiting.set(address, left);
    }
  }

  async #compare({ userName, password, users }: Attempt): Promise<boolean> {
    const hash = users.get(userName);
    const isKnown = hash !== undefined && bcryptCost(hash) !== undefined;
    const isEqual = await this.#comparer.compare(password, isKnown ? hash : decoyHash(users));
    if (!isKnown || !isEqual) return false;
    this.#remembered.set(this.#digest(userName, password), hash);
    return true;
  }

  #delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#delays.delete(end);
        resolve();
      };
      const cancel = this.#timers.after(delayMs, end);
      this.#delays.add(end);
    });
  }
}

/** A hash that costs as much to compare as most users' do, so that no time tells who exists. */
function decoyHash(users: UserHashes): string {
  const counts = new Map<number, number>();
  for (const hash of users.values()) {
    const cost = bcryptCost(hash);
    if (cost !== undefined) counts.set(cost, (counts.get(cost) ?? 0) + 1);
  }
  const [mostCommon] = [...counts].sort(([, a], [, b]) => b - a);
  const cost = String(mostCommon?.[0] ?? DEFAULT_COST).padStart(2, "0");
  return `$2b$${cost}$${"stowage".repeat(8).slice(0, 53)}`;
}
