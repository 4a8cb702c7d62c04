import { OutboxError } from "./errors.ts";
import type { OutboxRow } from "./outbox_row.ts";

/** A place for events that has a limit. */
export interface LimitedPlace {
  /** Bytes that events take. */
  readonly sizeBytes: number;
  /** Removes some of the oldest pulls; gives how many. */
  removePulls(): number;
}

/** What became of an event, and of others for its sake. */
export interface Admission {
  /** Whether it may be recorded. */
  readonly isAdmitted: boolean;
  /** How many pulls were left out, or removed to make room. */
  readonly droppedPulls: number;
}

/** Of the room for events pulls may take so much; the rest is for pushes, mounts and deletes. */
const PULL_SHARE = 0.75;

/** After so many bytes it is asked anew how much room events take; sooner where there is little. */
const MEASURE_BYTES = 512 * 1024;
const MEASURE_SHARE = 0.02;

const ADMITTED: Admission = { isAdmitted: true, droppedPulls: 0 };
const LEFT_OUT: Admission = { isAdmitted: false, droppedPulls: 1 };

/** The room that a thread has for events. Where there is little, pulls make room for others. */
export class OutboxRoom {
  readonly #place: LimitedPlace;
  readonly #maxBytes: number;
  readonly #measureBytes: number;
  #roomBytes = 0;
  #unmeasuredBytes = Infinity;

  /** @param maxBytes most bytes that events may take */
  constructor(place: LimitedPlace, maxBytes: number) {
    this.#place = place;
    this.#maxBytes = maxBytes;
    this.#measureBytes = Math.min(MEASURE_BYTES, maxBytes * MEASURE_SHARE);
  }

  /**
   * Takes the room of an event, or makes it.
   * @throws {OutboxError} full
   */
  admit({ event, isPull }: Pick<OutboxRow, "event" | "isPull">): Admission {
    if (this.#maxBytes === Infinity) return ADMITTED;
    if (this.#roomBytes <= 0 || this.#unmeasuredBytes > this.#measureBytes) this.#measure();
    if (isPull && this.#roomBytes <= this.#maxBytes * (1 - PULL_SHARE)) return LEFT_OUT;
    let droppedPulls = 0;
    if (this.#roomBytes <= 0) {
      droppedPulls = this.#place.removePulls();
      if (droppedPulls === 0) {
        throw new OutboxError("full", "Cannot record events: the outbox has reached its size");
      }
    }
    this.#roomBytes -= event.length;
    this.#unmeasuredBytes += event.length;
    return droppedPulls === 0 ? ADMITTED : { isAdmitted: true, droppedPulls };
  }

  #measure(): void {
    this.#roomBytes = this.#maxBytes - this.#place.sizeBytes;
    this.#unmeasuredBytes = 0;
  }
}
