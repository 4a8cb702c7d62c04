import { toBytes } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import type { LineOutput } from "../log/line_writer.ts";

/** How often the line is written anew, in milliseconds. */
const REDRAW_MS = 100;

/** Width of the bar, in characters. */
const WIDTH = 30;

/** Goes back to the start of the line and clears it. */
const CLEAR = "\r\x1b[2K";

/** How far something is. */
export interface Progress {
  /** What is done at present. */
  readonly step: string;
  readonly done: number;
  /** How much there is to do. @default nobody knows */
  readonly total?: number;
}

/** One line at a terminal that tells how far something is; it vanishes at the end. */
export class ProgressLine {
  readonly #output: LineOutput;
  readonly #clock: Clock;
  #drawnAtMs = -Infinity;
  #last: Promise<unknown> = Promise.resolve();

  constructor(output: LineOutput, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
  }

  /** Shows how far it is, unless it has just been shown. */
  show(progress: Progress): void {
    const now = this.#clock.now();
    if (now - this.#drawnAtMs < REDRAW_MS) return;
    this.#drawnAtMs = now;
    this.#write(CLEAR + renderProgress(progress));
  }

  /** Takes the line away; only what was shown is. */
  async clear(): Promise<void> {
    if (this.#drawnAtMs !== -Infinity) this.#write(CLEAR);
    await this.#last;
  }

  #write(text: string): void {
    this.#last = this.#last.then(() => this.#output.write(toBytes(text))).catch(() => {});
  }
}

/** The text of the line. */
export function renderProgress({ step, done, total }: Progress): string {
  if (total === undefined) return `${step}: ${done}`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * WIDTH);
  const bar = "#".repeat(filled) + "-".repeat(WIDTH - filled);
  return `${step} [${bar}] ${Math.floor(share * 100)} % (${done}/${total})`;
}
