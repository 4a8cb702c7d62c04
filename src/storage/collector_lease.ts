import { toBytes, toText } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { deleteIfPresent, readIfPresent, statIfPresent } from "./if_present.ts";
import { COLLECTOR_LEASE } from "./paths.ts";

/** Options of {@linkcode CollectorLease}. */
export interface LeaseOptions {
  /** Names whoever wants to collect; nobody else has the same. */
  readonly holder: string;
  /**
   * A lease that has not been renewed for so long, in milliseconds, may be taken by another. It is
   * measured by the clock of the one that wants it, so that no two clocks are compared.
   */
  readonly expiresAfterMs: number;
  readonly clock: Clock;
}

/**
 * Who collects garbage, as a file in the storage, so that replicas need not know of each other.
 *
 * It saves work and is no lock: storage offers nothing to build one of. Two that think they hold it
 * do the same work twice, and no harm; see `docs/collection.md`.
 */
export class CollectorLease {
  readonly #driver: StorageDriver;
  readonly #options: LeaseOptions;
  #beat = 0;
  /** What somebody else's lease was when it was last seen to change. */
  #foreign: { readonly content: string; readonly seenAtMs: number } | undefined;

  constructor(driver: StorageDriver, options: LeaseOptions) {
    this.#driver = driver;
    this.#options = options;
  }

  /**
   * Takes the lease, if nobody has it, or has not renewed it for long enough as far as was seen.
   * @returns whether it is held now
   */
  async take(): Promise<boolean> {
    const content = await this.#read();
    if (content !== undefined && !this.#isOwn(content)) {
      const { clock, expiresAfterMs } = this.#options;
      if (this.#foreign?.content !== content) {
        this.#foreign = { content, seenAtMs: clock.now() };
      }
      if (clock.now() - this.#foreign.seenAtMs < expiresAfterMs) return false;
    }
    this.#foreign = undefined;
    await this.#write();
    return await this.isHeld();
  }

  /** Whether nobody else has taken it meanwhile. */
  async isHeld(): Promise<boolean> {
    const content = await this.#read();
    return content !== undefined && this.#isOwn(content);
  }

  /**
   * Says that it is still wanted.
   * @returns `false`: somebody else has it now
   */
  async renew(): Promise<boolean> {
    if (!await this.isHeld()) return false;
    await this.#write();
    return true;
  }

  /**
   * The time by the clock of the storage, as far as it has one, when the lease was last renewed.
   * @returns milliseconds since the epoch
   */
  async storageTimeMs(): Promise<number> {
    const info = await statIfPresent(this.#driver, COLLECTOR_LEASE, { fileOnly: true });
    return info?.modifiedAtMs || this.#options.clock.now();
  }

  /** Gives it back, if it is still held. */
  async release(): Promise<void> {
    if (await this.isHeld()) await deleteIfPresent(this.#driver, COLLECTOR_LEASE);
  }

  async #read(): Promise<string | undefined> {
    const content = await readIfPresent(this.#driver, COLLECTOR_LEASE);
    return content === undefined ? undefined : toText(content);
  }

  async #write(): Promise<void> {
    const content = `${this.#options.holder} ${++this.#beat}`;
    await this.#driver.putContent(COLLECTOR_LEASE, toBytes(content));
  }

  #isOwn(content: string): boolean {
    return content.startsWith(`${this.#options.holder} `);
  }
}
