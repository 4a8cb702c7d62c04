/**
 * Is asked between two steps of long work that can wait: gives a promise when others should have the
 * machine first, and `undefined` when the work may go on at once.
 */
export type Pacer = () => Promise<void> | undefined;
