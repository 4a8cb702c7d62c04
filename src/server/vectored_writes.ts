/** What `Deno.serve` goes by; whoever sets it to nothing wants them off. */
const VARIABLE = "DENO_USE_WRITEV";

/**
 * Lets `Deno.serve` give the system each piece of an answer where it is; otherwise it copies all of
 * them together first, which is a fifth of what a large answer costs.
 *
 * It is looked at once, when the first connection is served, by all threads.
 */
export function useVectoredWrites(env: Pick<Deno.Env, "get" | "set">): void {
  if (env.get(VARIABLE) === undefined) env.set(VARIABLE, "1");
}
