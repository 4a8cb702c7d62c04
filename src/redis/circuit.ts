import type { Logger } from "@logtape/logtape";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import { type RedisClient, type RedisCommand, RedisError, type SendOptions } from "./client.ts";

/** So many failures in a row, and Redis is not asked any more. */
const FAILURES = 3;

/** How long to wait before Redis is asked whether it is back, in milliseconds. */
const PROBE_INTERVAL_MS = 1000;

/** Options of {@linkcode CircuitClient}. */
export interface CircuitOptions {
  /** Is told when Redis goes and comes. @default nobody is */
  readonly log?: Logger | undefined;
  /** Longest wait for a reply, in milliseconds. */
  readonly timeoutMs: number;
  /** @default the machine's */
  readonly timers?: Timers;
}

/**
 * Keeps a Redis that is away, or slow, from slowing down whoever asks it: no reply is waited for
 * longer than the timeout, and after three failures in a row every call fails at once, until Redis
 * has answered a question that is asked in the background, once a second. Each change is logged once.
 */
export class CircuitClient implements RedisClient {
  readonly #client: RedisClient;
  readonly #log: Logger | undefined;
  readonly #timeoutMs: number;
  readonly #timers: Timers;
  #failures = 0;
  #reason: RedisError | undefined;
  #cancelProbe = () => {};
  #isClosed = false;

  constructor(client: RedisClient, options: CircuitOptions) {
    this.#client = client;
    this.#log = options.log;
    this.#timeoutMs = options.timeoutMs;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
  }

  async send(command: RedisCommand, { timeoutMs }: SendOptions = {}): Promise<unknown> {
    if (this.#reason !== undefined) throw this.#reason;
    try {
      const reply = await this.#ask(command, timeoutMs ?? this.#timeoutMs);
      this.#failures = 0;
      return reply;
    } catch (error) {
      const failure = error instanceof RedisError ? error : new RedisError("unavailable", error);
      this.#failures++;
      if (this.#failures >= FAILURES) this.#open(failure);
      throw failure;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelProbe();
    this.#client.close();
  }

  async #ask(command: RedisCommand, timeoutMs: number): Promise<unknown> {
    const late = Promise.withResolvers<never>();
    const cancel = this.#timers.after(timeoutMs, () => {
      late.reject(new RedisError("unavailable", `no reply within ${timeoutMs}ms`));
    });
    try {
      return await Promise.race([this.#client.send(command), late.promise]);
    } finally {
      cancel();
    }
  }

  #open(reason: RedisError): void {
    if (this.#reason !== undefined || this.#isClosed) return;
    this.#reason = reason;
    this.#log?.warn("redis is away: going on without it", { "redis.reason": reason.message });
    this.#probeLater();
  }

  #probeLater(): void {
    this.#cancelProbe = this.#timers.after(PROBE_INTERVAL_MS, () => this.#probe());
  }

  async #probe(): Promise<void> {
    try {
      await this.#ask(["PING"], this.#timeoutMs);
      this.#reason = undefined;
      this.#failures = 0;
      this.#log?.info("redis is back");
    } catch {
      if (!this.#isClosed) this.#probeLater();
    }
  }
}
