/** Where a {@linkcode ProgressBar} writes. */
export interface ProgressOutput {
  /** Whether a person watches: only then is there a bar. */
  readonly isTerminal: boolean;
  /** Width of the terminal, in characters. */
  readonly columns: number;
  write(text: string): void;
}

/** Options of {@linkcode ProgressBar}. */
export interface ProgressOptions {
  readonly output: ProgressOutput;
  /** How many steps there are, 1 or more. */
  readonly total: number;
  /** The time in milliseconds, from any beginning. */
  now(): number;
}

const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\x1b[2K";

/**
 * How far a long run is: a bar on a terminal, a line for each stage elsewhere.
 */
export class ProgressBar {
  readonly #options: ProgressOptions;
  readonly #startMs: number;
  #done = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#startMs = options.now();
  }

  /** Tells what is going on now. */
  show(text: string): void {
    const { output, total } = this.#options;
    if (!output.isTerminal) return;
    const done = Math.min(1, this.#done / total);
    const filled = Math.round(done * BAR_WIDTH);
    const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
    const line = `${bar} ${String(Math.floor(done * 100)).padStart(3)} %${this.#left()}  ${text}`;
    output.write(CLEAR_LINE + line.slice(0, output.columns - 1));
  }

  /** Counts a step as done. */
  advance(): void {
    this.#done++;
  }

  /** Writes a line that stays. */
  note(text: string): void {
    const { output } = this.#options;
    output.write(`${output.isTerminal ? CLEAR_LINE : ""}${text}\n`);
  }

  /** Removes the bar. */
  clear(): void {
    if (this.#options.output.isTerminal) this.#options.output.write(CLEAR_LINE);
  }

  /** The time that is left if the rest goes on like this; nothing before that can be told. */
  #left(): string {
    const { total, now } = this.#options;
    if (this.#done < 3) return "";
    const leftMs = (now() - this.#startMs) / this.#done * Math.max(0, total - this.#done);
    const seconds = Math.ceil(leftMs / 1000);
    return seconds < 90 ? `, ${seconds} s left` : `, ${Math.round(seconds / 60)} min left`;
  }
}
