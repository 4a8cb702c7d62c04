/** Whether the long form of these tests was asked for, by `deno task soak`. */
const isSoak = Deno.env.get("STOWAGE_TEST_SOAK") === "1";

/** Gives the long form of a size or count in a soak, and otherwise the short one. */
export function soak<T>(long: T, short: T): T {
  return isSoak ? long : short;
}
