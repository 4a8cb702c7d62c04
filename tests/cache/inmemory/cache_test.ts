import { assertEquals } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import type { CacheOutcome } from "../../../src/cache/cache.ts";
import { newGenerations } from "../../../src/cache/generations.ts";
import { MemoryDescriptorCache } from "../../../src/cache/inmemory/cache.ts";
import { digestBytes } from "../../../src/oci/digester.ts";
import { descriptorCacheContract } from "../../contracts/descriptor_cache.ts";

descriptorCacheContract("inmemory", {
  register: ({ name, fn }) => Deno.test(name, fn),
  makeFixture: () => {
    const generations = newGenerations();
    const outcomes: CacheOutcome[] = [];
    const observe = (outcome: CacheOutcome) => void outcomes.push(outcome);
    const cache = new MemoryDescriptorCache({ maxEntries: 10, generations, observe });
    const other = new MemoryDescriptorCache({ maxEntries: 10, generations });
    const shared = false;
    return Promise.resolve({ cache, other, outcomes, shared, [Symbol.asyncDispose]: dispose });
    function dispose(): Promise<void> {
      cache.close();
      other.close();
      return Promise.resolve();
    }
  },
});

/** How many of so many descriptors are known after all were loaded, oldest first. */
async function keptOf(count: number, maxEntries: number): Promise<readonly number[]> {
  const cache = new MemoryDescriptorCache({ maxEntries, generations: newGenerations() });
  const contents = Array.from({ length: count }, (_, index) => {
    return { repository: "foo", digest: digestBytes(toBytes(`${index}`)) };
  });
  for (const [index, content] of contents.entries()) {
    await cache.blobSize(content, () => Promise.resolve(index));
  }
  const kept: number[] = [];
  for (const [index, content] of contents.entries()) {
    let isKept = true;
    await cache.blobSize(content, () => Promise.resolve((isKept = false, index)));
    if (isKept) kept.push(index);
    if (!isKept) break;
  }
  return kept;
}

Deno.test("MemoryDescriptorCache keeps no more than it may, and all where it may", async () => {
  assertEquals(await keptOf(3, 3), [0, 1, 2]);
  assertEquals(await keptOf(4, 3), []);
  assertEquals((await keptOf(20_000, 0)).length, 20_000);
});
