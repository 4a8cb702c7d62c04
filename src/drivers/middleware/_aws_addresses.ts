import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { Logger } from "@logtape/logtape";
import type { Timers } from "../../base/timers.ts";

/** How long the list may take to come, in milliseconds. */
const FETCH_TIMEOUT_MS = 60_000;

/** How long to wait after a list that could not be had, in milliseconds. */
const RETRY_MS = 60_000;

/** What {@linkcode AwsAddresses} needs. */
export interface AwsAddressesOptions {
  readonly url: string;
  /** Only addresses of these regions; none: of all. */
  readonly regions: readonly string[];
  /** Time between two looks, in milliseconds. */
  readonly updateEveryMs: number;
  readonly fetch: typeof fetch;
  readonly timers: Timers;
  readonly log: Logger;
}

/** The addresses of AWS, as it publishes them; none counts until the list has come. */
export class AwsAddresses {
  readonly #options: AwsAddressesOptions;
  #list = new BlockList();
  #cancelTimer = () => {};
  readonly #stop = new AbortController();

  private constructor(options: AwsAddressesOptions) {
    this.#options = options;
  }

  /** Begins to keep the list, which is there as soon as it has come. */
  static keep(options: AwsAddressesOptions): AwsAddresses {
    const addresses = new AwsAddresses(options);
    addresses.#update();
    return addresses;
  }

  /** Tells whether an address is one of them. */
  has(address: string): boolean {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
    if (isIPv4(plain)) return this.#list.check(plain, "ipv4");
    return isIPv6(plain) && this.#list.check(plain, "ipv6");
  }

  /** Ends it. */
  close(): void {
    this.#stop.abort();
    this.#cancelTimer();
  }

  async #update(): Promise<void> {
    const { log, url, timers, updateEveryMs } = this.#options;
    let nextMs = Math.max(updateEveryMs, 1);
    try {
      this.#list = readList(await this.#load(), this.#options.regions);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      log.warn("could not read the addresses of AWS", { url, reason: String(error) });
      nextMs = Math.min(nextMs, RETRY_MS);
    }
    if (this.#stop.signal.aborted) return;
    this.#cancelTimer = timers.after(nextMs, () => this.#update());
  }

  async #load(): Promise<unknown> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
    const response = await this.#options.fetch(this.#options.url, { signal });
    if (response.ok) return await response.json();
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  }
}

/** An entry of the list that AWS publishes. */
interface Prefix {
  readonly ip_prefix?: string;
  readonly ipv6_prefix?: string;
  readonly region?: string;
}

/** Source: AWS, "AWS IP address ranges", syntax of the file. */
function readList(json: unknown, regions: readonly string[]): BlockList {
  const { prefixes = [], ipv6_prefixes = [] } = json as Record<string, readonly Prefix[]>;
  const wanted = new Set(regions.map((region) => region.toLowerCase()));
  const list = new BlockList();
  for (const { ip_prefix, ipv6_prefix, region = "" } of [...prefixes, ...ipv6_prefixes]) {
    if (wanted.size > 0 && !wanted.has(region.toLowerCase())) continue;
    const [address = "", bits = ""] = (ip_prefix ?? ipv6_prefix ?? "").split("/");
    if (!isIPv4(address) && !isIPv6(address)) continue;
    list.addSubnet(address, Number(bits), isIPv4(address) ? "ipv4" : "ipv6");
  }
  return list;
}
