/** What holders of one key wait for. */
interface Key {
  /** Settles when the last holder that was alone has let go. */
  alone: Promise<void>;
  /** Those that share the key since then, each until it lets go. */
  readonly shared: Set<Promise<void>>;
}

/**
 * Lets any number of holders share a key, or one have it alone, in the order they came: whoever
 * comes after one that is to be alone waits for it.
 */
export class SharedMutex {
  readonly #keys = new Map<string, Key>();

  /** Runs `task` beside others that share `key`, when nobody that came before has it alone. */
  share<T>(key: string, task: () => Promise<T>): Promise<T> {
    const waits = this.#keys.get(key) ?? this.#add(key, Promise.resolve());
    const result = waits.alone.then(task);
    const over = settled(result).then(() => {
      waits.shared.delete(over);
      this.#forget(key, waits);
    });
    waits.shared.add(over);
    return result;
  }

  /** Runs `task` when everybody that came before has let go of `key`. */
  alone<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#keys.get(key);
    const result = Promise.all([before?.alone, ...before?.shared ?? []]).then(task);
    const waits = this.#add(key, settled(result));
    waits.shared.add(waits.alone);
    void waits.alone.then(() => {
      waits.shared.delete(waits.alone);
      this.#forget(key, waits);
    });
    return result;
  }

  #add(key: string, alone: Promise<void>): Key {
    const added: Key = { alone, shared: new Set() };
    this.#keys.set(key, added);
    return added;
  }

  /** A key that nobody holds takes no memory. */
  #forget(key: string, waits: Key): void {
    if (waits.shared.size === 0 && this.#keys.get(key) === waits) this.#keys.delete(key);
  }
}

/** Settles with a task, however it ends. */
async function settled(task: Promise<unknown>): Promise<void> {
  await Promise.allSettled([task]);
}
