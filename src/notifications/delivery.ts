import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { EndpointConfig } from "../config/config.ts";
import { DeliveryProgress } from "./delivery_progress.ts";
import { makeEnvelope } from "./envelope.ts";
import type { RegistryEvent } from "./event.ts";
import type { EventNumbers } from "./event_numbers.ts";
import type { Death, Positions } from "./outbox_book.ts";
import type { OutboxParts, PartEntry } from "./outbox_parts.ts";
import type { DeliveryReport } from "./sender.ts";

/** A report without the endpoint, which whoever has made the delivery knows. */
type OwnReport = DeliveryReport extends infer Report
  ? Report extends DeliveryReport ? Omit<Report, "index"> : never
  : never;

/** Options of {@linkcode Delivery}. */
export interface DeliveryOptions {
  readonly parts: Pick<OutboxParts, "discover" | "read">;
  readonly numbers: EventNumbers;
  /** The endpoint's name in the outbox. */
  readonly key: string;
  readonly report: (report: OwnReport) => void;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly fetch?: typeof fetch;
  /** Gives a number from 0 to below 1. @default Math.random */
  readonly random?: () => number;
}

/** How many events are in memory at a time, and how many characters, the last event aside. */
const READ_LIMIT = 200;
const READ_CHARACTERS = 1_000_000;

/** Redirects after which a post is still one. */
const KEEPS_POST: ReadonlySet<number> = new Set([307, 308]);

/** Redirects that make a GET of a post: what is at their end has not got the events. */
const LOSES_POST: ReadonlySet<number> = new Set([301, 302, 303]);

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
  /** How far it is in the parts of which it has got events. */
  #positions: Positions = {};
  #progress: DeliveryProgress;

  constructor(endpoint: EndpointConfig, options: DeliveryOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#progress = new DeliveryProgress(this.#clock.now());
    this.#finished = this.#run();
  }

  /** There are new events. */
  wake(): void {
    if (this.#failures === 0) this.#wake();
  }

  /** Ends it; what is on its way is sent again at the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#finished;
  }

  async #run(): Promise<void> {
    // Whoever made this delivery is not ready yet to hear of it.
    await Promise.resolve();
    while (!this.#stop.signal.aborted) {
      try {
        this.#options.parts.discover();
        while (!this.#stop.signal.aborted && await this.#sendNext());
        await this.#sleep(LOOK_MS);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.report({ kind: "unreadable", reason });
        await this.#sleep(LOOK_MS);
      }
    }
    this.#tell();
  }

  /** Sends what there is; gives whether there was anything. */
  async #sendNext(): Promise<boolean> {
    const { batch } = this.#endpoint;
    let entries = this.#read();
    const [first] = entries;
    if (first === undefined) return false;
    const waitMs = first.atMs + batch.delayMs - this.#clock.now();
    if (entries.length < batch.events && waitMs > 0) {
      await this.#sleep(Math.min(waitMs, batch.delayMs), { whole: true });
      entries = this.#read();
    }
    let group: PartEntry[] = [];
    let passed: PartEntry[] = [];
    for (const entry of entries) {
      passed.push(entry);
      if (this.#isWanted(entry)) group.push(entry);
      if (group.length < batch.events && entry !== entries.at(-1)) continue;
      if (group.length > 0) await this.#deliver(group);
      if (this.#stop.signal.aborted) return true;
      this.#advance(passed);
      if (this.#progress.isDue(this.#clock.now())) this.#tell();
      group = [];
      passed = [];
    }
    return true;
  }

  #read(): readonly PartEntry[] {
    const { parts, numbers, key } = this.#options;
    return parts.read(key, {
      positions: this.#positions,
      numbers,
      limit: Math.max(READ_LIMIT, this.#endpoint.batch.events),
      maxCharacters: READ_CHARACTERS,
    });
  }

  #isWanted({ event }: PartEntry): boolean {
    const { mediaTypes, actions } = this.#endpoint.ignore;
    if (mediaTypes.length === 0 && actions.length === 0) return true;
    const { action, target } = JSON.parse(event) as RegistryEvent;
    return !actions.includes(action) && !mediaTypes.includes(target.mediaType);
  }

  /** Sends until the endpoint has taken them, or they are given up. */
  async #deliver(group: readonly PartEntry[]): Promise<void> {
    const { threshold } = this.#endpoint;
    const message = makeEnvelope(group.map(({ event }) => event), this.#endpoint);
    this.#progress.count("Events", group.length);
    for (let tries = 1; !this.#stop.signal.aborted; tries++) {
      const reason = await this.#post(message);
      if (reason === undefined) {
        this.#progress.count("Successes", group.length);
        this.#failures = 0;
        return;
      }
      if (this.#stop.signal.aborted) return;
      this.#failures++;
      if (this.#failures === threshold) this.#options.report({ kind: "failing", reason });
      const death = { reason, tries, atMs: this.#clock.now() };
      if (this.#isHopeless(group, death)) {
        this.#bury(group, death);
        return;
      }
      if (this.#failures >= threshold) await this.#sleep(this.#pauseMs(), { whole: true });
    }
  }

  #bury(group: readonly PartEntry[], death: Death): void {
    this.#tell();
    this.#advance(group);
    const events = group.map(({ event }) => event);
    this.#options.report({ kind: "buried", events, positions: this.#positions, death });
  }

  #advance(group: readonly PartEntry[]): void {
    const moved = group.map(({ part, id }) => [part, id] as const);
    this.#positions = { ...this.#positions, ...Object.fromEntries(moved) };
  }

  #isHopeless([first]: readonly PartEntry[], { tries, atMs }: Death): boolean {
    const { deadLetter } = this.#endpoint;
    if (deadLetter.tries > 0 && tries >= deadLetter.tries) return true;
    return deadLetter.ageMs > 0 && atMs - (first?.atMs ?? atMs) >= deadLetter.ageMs;
  }

  /** Doubles with each failure; random, so that senders that failed together do not return so. */
  #pauseMs(): number {
    const { backoffMs, maxBackoffMs, threshold } = this.#endpoint;
    const { random = Math.random } = this.#options;
    const grown = backoffMs * 2 ** Math.min(this.#failures - threshold, 30);
    return Math.min(grown, Math.max(maxBackoffMs, backoffMs)) * (0.75 + random() / 2);
  }

  /** Gives why it failed; `undefined` where the endpoint has taken the message. */
  async #post({ headers, body }: { headers: Headers; body: string }): Promise<string | undefined> {
    const { timeoutMs } = this.#endpoint;
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    const cancel = this.#timers.after(timeoutMs, abort);
    this.#stop.signal.addEventListener("abort", abort);
    try {
      const response = await this.#send({ headers, body, signal: attempt.signal });
      const code = `${response.status} ${response.statusText}`.trim();
      this.#progress.countStatus(code);
      if (response.status < 400 && !LOSES_POST.has(response.status)) return undefined;
      this.#progress.count("Failures", 1);
      return `the endpoint answered ${code}`;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#progress.count("Errors", 1);
      if (attempt.signal.aborted) return `no answer within ${timeoutMs} ms`;
      return error instanceof Error ? error.message : String(error);
    } finally {
      cancel();
      this.#stop.signal.removeEventListener("abort", abort);
    }
  }

  async #send(message: Pick<RequestInit, "headers" | "body" | "signal">): Promise<Response> {
    const { fetch: send = fetch } = this.#options;
    const { url } = this.#endpoint;
    const post = async (redirect: RequestRedirect) => {
      const response = await send(url, { ...message, method: "POST", redirect });
      await response.body?.cancel();
      return response;
    };
    const response = await post("manual");
    return KEEPS_POST.has(response.status) ? await post("follow") : response;
  }

  /** Reports what has happened since the last time, if anything has. */
  #tell(): void {
    const counts = this.#progress.take(this.#positions, this.#clock.now());
    if (counts === undefined) return;
    this.#options.report({ kind: "progress", positions: this.#positions, counts });
  }

  /** Waits; new events end it, unless the `whole` time is meant. */
  async #sleep(delayMs: number, { whole = false } = {}): Promise<void> {
    this.#tell();
    if (this.#stop.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#timers.after(delayMs, resolve);
    const stop = () => resolve();
    this.#stop.signal.addEventListener("abort", stop);
    if (!whole) this.#wake = resolve;
    await promise;
    this.#wake = () => {};
    this.#stop.signal.removeEventListener("abort", stop);
    cancel();
  }
}
