/**
 * Stands before a real server and fails as it is told: what a store does on its bad days.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type WireConnection, type WireRequest, WireServer } from "./http_wire.ts";

/** What may happen to a request. */
export type ProxyFault =
  /** An answer with this status, and the server never hears of the request. */
  | { readonly kind: "error"; readonly status: number }
  /** The connection breaks, and the server never hears of the request. */
  | { readonly kind: "reset" }
  /** The server does it, and the connection breaks before the answer. */
  | { readonly kind: "lost" }
  /** The connection breaks in the middle of the answer. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** The answer stops in the middle, and the connection stays. */
  | { readonly kind: "silence"; readonly afterBytes: number };

/** Which requests fail. */
export type Matcher = (request: WireRequest) => boolean;

/** Headers that hold for one connection alone. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "transfer-encoding",
]);

/** The proxy; it ends with the block that holds it. */
export class FaultyProxy implements AsyncDisposable {
  readonly #origin: string;
  readonly #server = new WireServer((request, connection) => this.#serve(request, connection));
  readonly #faults: { matches: Matcher; fault: ProxyFault; times: number }[] = [];
  /** Every request so far. */
  readonly requests: WireRequest[] = [];

  /** @param origin where the server answers, such as `http://127.0.0.1:9000` */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Where it answers, without a slash at the end. */
  get url(): string {
    return this.#server.url;
  }

  /** Makes the next `times` requests of a kind fail. */
  fail(matches: Matcher, fault: ProxyFault, times = 1): void {
    this.#faults.push({ matches, fault, times });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #serve(request: WireRequest, connection: WireConnection): Promise<void> {
    this.requests.push(request);
    const fault = this.#takeFault(request);
    if (fault?.kind === "reset") return connection.destroy();
    if (fault?.kind === "error") {
      const headers = { "content-length": "0" };
      return await connection.send({ status: fault.status, headers, body: Buffer.alloc(0) });
    }
    const answer = await this.#pass(request);
    if (fault?.kind === "lost") return connection.destroy();
    await connection.send(answer, fault?.afterBytes);
    if (fault?.kind === "cut") connection.destroy();
  }

  #takeFault(request: WireRequest): ProxyFault | undefined {
    const found = this.#faults.find(({ matches, times }) => times > 0 && matches(request));
    if (found !== undefined) found.times--;
    return found?.fault;
  }

  async #pass({ method, target, headers, body }: WireRequest) {
    const passed = Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name));
    const response = await fetch(`${this.#origin}${target}`, {
      method,
      headers: passed,
      redirect: "manual",
      ...method === "GET" || method === "HEAD" ? {} : { body: new Uint8Array(body) },
    });
    const content = await response.bytes();
    const back = [...response.headers].filter(([name]) => !OWN_HEADERS.has(name));
    const length = response.headers.get("content-length") ?? String(content.byteLength);
    return {
      status: response.status,
      headers: { ...Object.fromEntries(back), "content-length": length },
      body: content,
    };
  }
}
