import { delay } from "@std/async/delay";

/** Time between two looks, in milliseconds. */
const POLL_MS = 50;

/** How often it is looked at most: half a minute in all, and what the looks take. */
const MAX_POLLS = 600;

/** Asks `condition` until it holds; tells whether it did. */
export async function polled(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let polls = 0; polls < MAX_POLLS; polls++) {
    if (await condition()) return true;
    await delay(POLL_MS);
  }
  return false;
}

/**
 * Waits until `condition` holds.
 * @throws {Error} it did not in half a minute
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  if (!await polled(condition)) throw new Error(`It does not come about: ${condition}`);
}
