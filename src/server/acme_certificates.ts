import type { Logger } from "@logtape/logtape";
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import type { AcmeOrders, CertificateFacts } from "./acme_order.ts";
import type { AcmeStore } from "./acme_store.ts";

/** Options of {@linkcode AcmeCertificates}. */
export interface AcmeCertificatesOptions {
  readonly store: AcmeStore;
  readonly orders: AcmeOrders;
  /** What the certificate must be for. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How often it is looked whether the certificate is due, in milliseconds. */
export const ACME_CHECK_MS = HOUR_MS;

/** The part of its life that a certificate has left when it is renewed. Source: Let's Encrypt. */
const RENEWAL_PART = 1 / 3;

/**
 * Sees to it that there is a certificate in force: asks for one where there is none, and for the
 * next in time. Authorities count failures: what fails is tried again after a minute, then after
 * twice as long each time, up to an hour.
 */
export class AcmeCertificates {
  readonly #options: AcmeCertificatesOptions;
  #cancel: () => void = () => {};
  #isClosed = false;

  constructor(options: AcmeCertificatesOptions) {
    this.#options = options;
  }

  /** Resolves when there is a certificate in force; from then on it is renewed until `close`. */
  async start(): Promise<void> {
    for (let delayMs = MINUTE_MS; !this.#isClosed; delayMs = Math.min(2 * delayMs, HOUR_MS)) {
      const facts = await this.#facts();
      // One that is due serves until the next one is there.
      if (facts !== undefined && facts.notAfterMs > this.#options.clock.now()) break;
      if (await this.#tryOrder()) break;
      await this.#pause(delayMs);
    }
    this.#schedule(0);
  }

  /** Renews no more. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  /** What is known of the certificate that is kept, if it is for all hosts. */
  async #facts(): Promise<CertificateFacts | undefined> {
    const { store, orders, hosts } = this.#options;
    const pem = await store.certificate();
    if (pem === undefined) return undefined;
    try {
      const facts = orders.read(pem);
      return hosts.every((host) => facts.hosts.includes(host)) ? facts : undefined;
    } catch {
      // A damaged file is worth as much as none.
      return undefined;
    }
  }

  async #renewIfDue(): Promise<void> {
    // Read anew each time: another replica may have renewed it.
    const facts = await this.#facts();
    if (facts === undefined || this.#isDue(facts)) await this.#tryOrder();
  }

  #isDue({ notBeforeMs, notAfterMs }: CertificateFacts): boolean {
    const leftMs = notAfterMs - this.#options.clock.now();
    return leftMs < (notAfterMs - notBeforeMs) * RENEWAL_PART;
  }

  async #tryOrder(): Promise<boolean> {
    const { store, orders, hosts, log } = this.#options;
    try {
      await store.saveIdentity(await orders.order());
      log.info("obtained a TLS certificate", { [LOG_FIELDS.hosts]: hosts.join(", ") });
      return true;
    } catch (error) {
      log.error("could not obtain a TLS certificate; trying again later", {
        [LOG_FIELDS.hosts]: hosts.join(", "),
        [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
      });
      return false;
    }
  }

  #schedule(delayMs: number): void {
    if (this.#isClosed) return;
    this.#cancel = this.#options.timers.after(delayMs, () => {
      void this.#renewIfDue().then(() => this.#schedule(ACME_CHECK_MS));
    });
  }

  #pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.timers.after(delayMs, resolve);
    this.#cancel = () => {
      cancel();
      resolve();
    };
    return promise;
  }
}
