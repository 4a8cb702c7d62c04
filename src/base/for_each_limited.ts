/** What tasks are made of: a list, or what is still being found. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

/** How {@linkcode forEachLimited} works. */
export interface ForEachOptions {
  /** How many tasks run at once, 1 or more. */
  readonly limit: number;
  /** Ends the work between two items. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `task` for each item, at most so many at a time; items are taken as there is room for them.
 *
 * @throws the first failure of a task or of the items, when the tasks that had begun have ended
 */
export async function forEachLimited<T>(
  items: Items<T>,
  { limit, signal, task }: ForEachOptions & { readonly task: (item: T) => Promise<void> },
): Promise<void> {
  const iterator = iterate(items);
  let isOver = false;
  const work = async () => {
    try {
      while (!isOver && signal?.aborted !== true) {
        const next = await iterator.next();
        if (next.done === true) return;
        await task(next.value);
      }
    } finally {
      isOver = true;
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: limit }, work));
  await iterator.return?.(undefined);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function* iterate<T>(items: Items<T>): AsyncGenerator<T, void, void> {
  yield* items;
}
