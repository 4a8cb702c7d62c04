import type { Logger } from "@logtape/logtape";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { EndpointConfig } from "../config/config.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { NOTIFICATION_INSTRUMENTS } from "../metrics/instruments/notification_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import { makeEnvelope } from "./envelope.ts";
import type { RegistryEvent } from "./event.ts";
import type { Outbox, OutboxEntry } from "./outbox.ts";

/** Options of {@linkcode Delivery}. */
export interface DeliveryOptions {
  readonly outbox: Outbox;
  /** The endpoint's name in the outbox. */
  readonly key: string;
  readonly log: Logger;
  readonly meter?: Meter | undefined;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly fetch?: typeof fetch;
  /** Gives a number from 0 to below 1. @default Math.random */
  readonly random?: () => number;
}

/** How many events are in memory at a time. */
const READ_LIMIT = 200;

/** How often the outbox is looked at for what other processes have recorded, in milliseconds. */
const LOOK_MS = 1000;

/**
 * Sends the events of the outbox to one endpoint, one request at a time, in their order. What fails
 * is sent again; after `threshold` failures in a row with a pause that grows.
 *
 * Source: reference of Distribution, "Delivery pipeline per endpoint".
 */
export class Delivery {
  readonly #endpoint: EndpointConfig;
  readonly #options: DeliveryOptions;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #stop = new AbortController();
  readonly #finished: Promise<void>;
  #wake = () => {};
  #failures = 0;

  constructor(endpoint: EndpointConfig, options: DeliveryOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    const { meter, outbox, key } = options;
    const pending = meter?.gauge(NOTIFICATION_INSTRUMENTS.pending).with(endpoint.name);
    const oldest = meter?.gauge(NOTIFICATION_INSTRUMENTS.oldest).with(endpoint.name);
    meter?.beforeSnapshot(() => {
      if (this.#stop.signal.aborted) return;
      const backlog = outbox.backlog(key);
      pending?.set(backlog.pending);
      const { oldestMs = this.#clock.now() } = backlog;
      oldest?.set(Math.max(0, this.#clock.now() - oldestMs) / 1000);
    });
    this.#finished = this.#run();
  }

  /** There are new events. */
  notify(): void {
    if (this.#failures === 0) this.#wake();
  }

  /** Ends it; what is on its way is sent again at the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#finished;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        if (!await this.#sendNext()) await this.#sleep(LOOK_MS);
      } catch (error) {
        this.#options.log.error("could not read events to send", {
          [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
        });
        await this.#sleep(LOOK_MS);
      }
    }
  }

  /** Sends what there is; gives whether there was anything. */
  async #sendNext(): Promise<boolean> {
    const { outbox, key } = this.#options;
    const { batch } = this.#endpoint;
    let entries = outbox.read(key, Math.max(READ_LIMIT, batch.events));
    const [first] = entries;
    if (first === undefined) return false;
    const waitMs = first.atMs + batch.delayMs - this.#clock.now();
    if (entries.length < batch.events && waitMs > 0) {
      await this.#sleep(Math.min(waitMs, batch.delayMs), { whole: true });
      entries = outbox.read(key, Math.max(READ_LIMIT, batch.events));
    }
    let group: OutboxEntry[] = [];
    for (const entry of entries) {
      if (this.#isWanted(entry)) group.push(entry);
      if (group.length < batch.events && entry !== entries.at(-1)) continue;
      if (group.length > 0) await this.#deliver(group);
      if (this.#stop.signal.aborted) return true;
      outbox.advance(key, entry.sequence);
      group = [];
    }
    return true;
  }

  #isWanted({ event }: OutboxEntry): boolean {
    const { mediaTypes, actions } = this.#endpoint.ignore;
    if (mediaTypes.length === 0 && actions.length === 0) return true;
    const { action, target } = JSON.parse(event) as RegistryEvent;
    return !actions.includes(action) && !mediaTypes.includes(target.mediaType);
  }

  /** Sends until the endpoint has taken them, or they are given up. */
  async #deliver(group: readonly OutboxEntry[]): Promise<void> {
    const { threshold, deadLetter } = this.#endpoint;
    const message = makeEnvelope(group.map(({ event }) => event), this.#endpoint);
    this.#count("Events", group.length);
    for (let tries = 1; !this.#stop.signal.aborted; tries++) {
      const reason = await this.#post(message);
      if (reason === undefined) {
        this.#count("Successes", group.length);
        this.#failures = 0;
        return;
      }
      if (this.#stop.signal.aborted) return;
      this.#failures++;
      if (this.#failures === threshold) this.#warn(reason);
      const ageMs = this.#clock.now() - (group[0]?.atMs ?? 0);
      const isTired = deadLetter.tries > 0 && tries >= deadLetter.tries;
      if (isTired || (deadLetter.ageMs > 0 && ageMs >= deadLetter.ageMs)) {
        this.#giveUp(group, { reason, tries });
        return;
      }
      if (this.#failures >= threshold) await this.#sleep(this.#pauseMs(), { whole: true });
    }
  }

  /** Doubles with each failure; random, so that senders that failed together do not return so. */
  #pauseMs(): number {
    const { backoffMs, maxBackoffMs, threshold } = this.#endpoint;
    const { random = Math.random } = this.#options;
    const grown = backoffMs * 2 ** Math.min(this.#failures - threshold, 30);
    return Math.min(grown, Math.max(maxBackoffMs, backoffMs)) * (0.75 + random() / 2);
  }

  #giveUp(
    group: readonly OutboxEntry[],
    death: { readonly reason: string; readonly tries: number },
  ): void {
    const { outbox, key, log } = this.#options;
    for (const entry of group) outbox.bury(key, entry, { ...death, atMs: this.#clock.now() });
    log.error("events given up: they are kept as dead letters", {
      endpoint: this.#endpoint.name,
      events: group.length,
      [LOG_FIELDS.errorMessage]: death.reason,
    });
  }

  /** Gives why it failed; `undefined` where the endpoint has taken the message. */
  async #post({ headers, body }: { headers: Headers; body: string }): Promise<string | undefined> {
    const { url, timeoutMs } = this.#endpoint;
    const { fetch: send = fetch } = this.#options;
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    const cancel = this.#timers.after(timeoutMs, abort);
    this.#stop.signal.addEventListener("abort", abort);
    try {
      const response = await send(url, { method: "POST", headers, body, signal: attempt.signal });
      await response.body?.cancel();
      const code = `${response.status} ${response.statusText}`.trim();
      this.#options.meter?.counter(NOTIFICATION_INSTRUMENTS.status)
        .with(code, this.#endpoint.name).add();
      if (response.status < 400) return undefined;
      this.#count("Failures", 1);
      return `the endpoint answered ${code}`;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#count("Errors", 1);
      if (attempt.signal.aborted) return `no answer within ${timeoutMs} ms`;
      return error instanceof Error ? error.message : String(error);
    } finally {
      cancel();
      this.#stop.signal.removeEventListener("abort", abort);
    }
  }

  #warn(reason: string): void {
    this.#options.log.warn("an endpoint does not take events: trying again at intervals", {
      endpoint: this.#endpoint.name,
      [LOG_FIELDS.errorMessage]: reason,
    });
  }

  #count(type: "Events" | "Successes" | "Failures" | "Errors", amount: number): void {
    this.#options.meter?.counter(NOTIFICATION_INSTRUMENTS.events)
      .with(type, this.#endpoint.name).add(amount);
  }

  /** Waits; new events end it, unless the `whole` time is meant. */
  async #sleep(delayMs: number, { whole = false } = {}): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#timers.after(delayMs, resolve);
    this.#stop.signal.addEventListener("abort", () => resolve(), { once: true });
    if (!whole) this.#wake = resolve;
    await promise;
    this.#wake = () => {};
    cancel();
  }
}
