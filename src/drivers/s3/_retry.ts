import { delay } from "@std/async/delay";

/** How often a request is sent in all where its answer breaks off. */
const MAX_ATTEMPTS = 4;

/** The pause before the second attempt, in milliseconds; each further one is twice as long. */
const FIRST_PAUSE_MS = 100;

/**
 * Sends a request again whose answer broke off in the middle, which the vendor's client does not do:
 * it only knows connections that fail before an answer, and answers that say that they failed.
 */
export async function retryBroken<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (!isBroken(error) || attempt === MAX_ATTEMPTS) throw error;
      await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

/** The runtime's `fetch` reports a body that breaks off so. */
function isBroken(error: unknown): boolean {
  return error instanceof TypeError && /body|connection|request/i.test(error.message);
}
