import { type JournalFile, listJournals } from "./outbox_files.ts";
import type { OutboxPart } from "./outbox_part.ts";
import { type JournalExcerpt, readJournal } from "./read_journal.ts";

/** What is wrong with a journal; its other events are well. */
export interface JournalDamage {
  readonly path: string;
  /** Lines that could not be understood: the machine failed before they were on the disk. */
  readonly lines: number;
  /** Length of an event that was not written to its end: its request was never answered. */
  readonly cutOffBytes: number;
}

/** Options of {@linkcode JournalTaker}. */
export interface JournalTakerOptions {
  readonly part: (name: string) => OutboxPart;
  readonly onDamage?: ((damage: JournalDamage) => void) | undefined;
}

/** How much of the journals of a part is taken over at a time, in bytes. */
const TAKE_BYTES = 1024 ** 2;

/** How long it is remembered how far a journal was taken over that is gone, in its number's unit. */
const REMEMBER = 600_000_000;

/** Takes the events of all journals of an outbox over into its parts. */
export class JournalTaker {
  readonly #path: string;
  readonly #options: JournalTakerOptions;
  /** Journals of which everything is in their parts, and to which nothing more is written. */
  readonly #taken = new Map<string, JournalFile>();
  /** How far journals were taken over, in bytes. */
  readonly #positions = new Map<string, number>();
  /** The number of the last event of each part that was taken over. */
  readonly #sequences = new Map<string, number>();

  /** @param path file of the outbox' book */
  constructor(path: string, options: JournalTakerOptions) {
    this.#path = path;
    this.#options = options;
  }

  /**
   * Takes over some of what the journals have; gives the number up to which they have nothing more
   * that was there at the call, `Infinity` if that is everything.
   *
   * @param endedBefore journals with lower numbers are written to no more
   * @throws {OutboxError} failed
   */
  take(endedBefore: number): number {
    const byPart = Map.groupBy(listJournals(this.#path), ({ part }) => part);
    let upTo = Infinity;
    for (const [name, journals] of byPart) {
      const part = this.#options.part(name);
      if (this.#takeSome(part, { journals, endedBefore })) continue;
      upTo = Math.min(upTo, this.#sequences.get(name) ?? 0);
    }
    return upTo;
  }

  /** How many journals can be removed. */
  get taken(): number {
    return this.#taken.size;
  }

  /**
   * Removes journals whose events are in their parts, once they are on the disk there.
   * @throws {OutboxError} failed
   */
  async removeTaken(): Promise<void> {
    const byPart = Map.groupBy(this.#taken.values(), ({ part }) => part);
    for (const [name, journals] of byPart) {
      const part = this.#options.part(name);
      await part.sync();
      for (const { path, number } of journals) {
        Deno.removeSync(path);
        this.#taken.delete(path);
        this.#positions.delete(path);
        // Whoever has read it meanwhile, to take it over as well, still sees that it was.
        part.forgetJournals(number - REMEMBER);
      }
    }
  }

  /** Gives whether that is all. */
  #takeSome(
    part: OutboxPart,
    { journals, endedBefore }: {
      readonly journals: readonly JournalFile[];
      readonly endedBefore: number;
    },
  ): boolean {
    let budgetBytes = TAKE_BYTES;
    for (const journal of journals) {
      const { path, number } = journal;
      if (this.#taken.has(path)) continue;
      if (budgetBytes <= 0) return false;
      const excerpt = this.#takeFrom(journal, part);
      if (excerpt === undefined) continue;
      const { isAll, bytes, restBytes, damaged } = excerpt;
      budgetBytes -= bytes;
      // One file follows another: where there is a next one, nobody writes to this one.
      const isEnded = number < endedBefore || journal !== journals.at(-1);
      const cutOffBytes = isEnded ? restBytes : 0;
      if (damaged + cutOffBytes > 0) {
        this.#options.onDamage?.({ path, lines: damaged, cutOffBytes });
      }
      if (!isAll) return false;
      if (isEnded) this.#taken.set(path, journal);
    }
    return true;
  }

  /** `undefined`: it was removed. */
  #takeFrom(
    { path, number, part: name }: JournalFile,
    part: OutboxPart,
  ): JournalExcerpt & { readonly bytes: number } | undefined {
    let from = this.#positions.get(path) ?? part.journalPosition(number);
    try {
      for (;;) {
        const excerpt = readJournal(path, { from, maxBytes: TAKE_BYTES });
        const { rows, to } = excerpt;
        if (to === from || part.takeOver(rows, { number, from, to })) {
          this.#positions.set(path, to);
          const last = rows.at(-1);
          if (last !== undefined) this.#sequences.set(name, last.sequence);
          return { ...excerpt, bytes: to - from };
        }
        // Somebody else has taken over some of it.
        from = part.journalPosition(number);
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
}
