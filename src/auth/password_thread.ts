/**
 * Compares passwords with bcrypt hashes in a thread of its own: one comparison takes as long as
 * hundreds of requests.
 *
 * The thread begins with the first comparison. Where none can be started, as in a program that has
 * bundled this library without the thread's module, comparisons are done here.
 *
 * @module
 */

import type { Logger } from "@logtape/logtape";
import { LOG_FIELDS } from "../log/fields.ts";

/** Compares passwords with hashes. */
export interface PasswordComparer {
  compare(password: string, hash: string): Promise<boolean>;
  /** Ends it; what is being compared fails. */
  close(): void;
}

/** What the thread is asked. */
export interface ComparisonRequest {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

/** What the thread says: that it is there, or an answer. */
export type ComparisonAnswer = "ready" | { readonly id: number; readonly isEqual: boolean };

/** The name by which the entry of the program knows that it is to compare passwords. */
export const PASSWORD_THREAD_NAME = "passwords";

/** Options of {@linkcode PasswordThread}. */
export interface PasswordThreadOptions {
  readonly log: Logger;
  /** Module that compares passwords when it is run as a worker. @default this library's own */
  readonly entry?: string;
}

type Waiting = PromiseWithResolvers<boolean> & { readonly request: ComparisonRequest };

/** A thread that compares passwords, one after the other. */
export class PasswordThread implements PasswordComparer {
  readonly #entry: string;
  readonly #log: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #isReady = false;
  #isMissing = false;
  #lastId = 0;

  constructor({ log, entry }: PasswordThreadOptions) {
    this.#log = log;
    this.#entry = entry ?? new URL("./password_worker.ts", import.meta.url).href;
  }

  async compare(password: string, hash: string): Promise<boolean> {
    if (this.#isMissing) return await compareHere(password, hash);
    const request = { id: ++this.#lastId, password, hash };
    const waiting = { request, ...Promise.withResolvers<boolean>() };
    this.#waiting.set(request.id, waiting);
    this.#worker ??= this.#start();
    if (this.#isReady) this.#worker.postMessage(request);
    return await waiting.promise;
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#takeWaiting()) {
      reject(new Error("Cannot compare passwords: the registry is closed"));
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#entry, { type: "module", name: PASSWORD_THREAD_NAME });
    worker.onmessage = ({ data }: MessageEvent<ComparisonAnswer>) => this.#hear(data);
    worker.onerror = (event) => {
      // Otherwise the failure of a thread would end the process.
      event.preventDefault();
      this.#fail(event.message);
    };
    return worker;
  }

  #hear(answer: ComparisonAnswer): void {
    if (answer === "ready") {
      this.#isReady = true;
      for (const { request } of this.#waiting.values()) this.#worker?.postMessage(request);
      return;
    }
    this.#waiting.get(answer.id)?.resolve(answer.isEqual);
    this.#waiting.delete(answer.id);
  }

  /** The next comparison starts another thread, unless there never was one. */
  #fail(reason: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#isMissing = !this.#isReady;
    this.#isReady = false;
    this.#log.error("the thread that compares passwords failed", {
      [LOG_FIELDS.errorMessage]: reason,
    });
    for (const { request, resolve, reject } of this.#takeWaiting()) {
      if (this.#isMissing) compareHere(request.password, request.hash).then(resolve, reject);
      else reject(new Error(`Cannot compare passwords: ${reason}`));
    }
  }

  #takeWaiting(): Waiting[] {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    return waiting;
  }
}

async function compareHere(password: string, hash: string): Promise<boolean> {
  const { compare } = await import("bcryptjs");
  return await compare(password, hash);
}
