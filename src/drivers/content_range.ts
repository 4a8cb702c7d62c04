/**
 * Tells whether an answer to a request for a part begins with the byte that was asked for: a store,
 * or what is in front of it, may pass over the range and send everything.
 *
 * @param offset the first byte that was asked for
 * @param contentRange the header `Content-Range` of the answer, if it has one
 */
export function beginsAt(offset: number, contentRange: string | null | undefined): boolean {
  return contentRange ? contentRange.startsWith(`bytes ${offset}-`) : offset === 0;
}
