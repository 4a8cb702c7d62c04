/** Collects what was allocated of late; the runtime has it with `--v8-flags=--expose-gc`. */
export type CollectYoung = (options: { readonly type: "minor" }) => void;

/** After how many bytes of buffers they are given back. */
const COLLECT_BYTES = 8 * 1024 * 1024;

/**
 * Gives back the buffers that bodies come in. The runtime takes a new one for each read; V8 sees
 * little of them but their handles, and would let 64 MB pile up in each thread.
 */
export class BufferGarbage {
  readonly #collect: CollectYoung | undefined;
  #bytes = 0;

  /** @param collect @default the runtime's, where it has one; without any nothing is done */
  constructor(collect: CollectYoung | undefined = (globalThis as { gc?: CollectYoung }).gc) {
    this.#collect = collect;
  }

  /** Takes note of a buffer of so many bytes. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < COLLECT_BYTES) return;
    this.#bytes = 0;
    this.#collect?.({ type: "minor" });
  }
}
