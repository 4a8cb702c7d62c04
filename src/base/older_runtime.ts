/**
 * Tells whether a version of the runtime came before another; what stands behind its three numbers
 * does not count.
 *
 * @param than the other version, such as `2.8.3`
 * @param version the version to judge; by default the one that runs this
 */
export function isOlderRuntime(than: string, version = Deno.version.deno): boolean {
  const limits = numbersOf(than);
  const found = numbersOf(version);
  const differing = limits.findIndex((limit, index) => limit !== found[index]);
  return differing >= 0 && (found[differing] ?? 0) < (limits[differing] ?? 0);
}

function numbersOf(version: string): number[] {
  return version.split(".").slice(0, 3).map((part) => parseInt(part));
}
