/**
 * The key of a path in a bucket, below the root folder of the configuration.
 *
 * Source: Distribution, for the keys must be the same.
 */
export function objectKey(rootDirectory: string, path: string): string {
  return (rootDirectory.replace(/\/+$/, "") + path).replace(/^\/+/, "");
}
