import { closestString } from "@std/text/closest-string";

/** The one of `candidates`, of which there is one at least, that is most like `text`. */
export function nearest(text: string, candidates: readonly string[]): string {
  return (closestString as (word: string, words: readonly string[]) => string)(text, candidates);
}
