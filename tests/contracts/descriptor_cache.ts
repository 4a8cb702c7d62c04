/**
 * What every descriptor cache must do, as tests that any of them runs.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import type { CacheOutcome, DescriptorCache } from "../../src/cache/cache.ts";
import { digestBytes } from "../../src/oci/digester.ts";

/** Two caches that share what they know, as two threads or replicas do, and hold nothing yet. */
export interface CacheFixture extends AsyncDisposable {
  readonly cache: DescriptorCache;
  readonly other: DescriptorCache;
  /** What became of the look-ups of {@linkcode cache}. */
  readonly outcomes: readonly CacheOutcome[];
  /** Whether what one cache has loaded the other one has too. */
  readonly shared: boolean;
}

const DIGEST = digestBytes(toBytes("content"));
const CONTENT = { repository: "foo/bar", digest: DIGEST };
/** Another repository, whose name begins alike. */
const ELSEWHERE = { repository: "foo", digest: DIGEST };

type CacheCase = (fixture: CacheFixture) => Promise<void>;

const CASES: Readonly<Record<string, CacheCase>> = {
  "blobSize loads once": async ({ cache, outcomes }) => {
    assertEquals(await cache.blobSize(CONTENT, () => Promise.resolve(7)), 7);
    assertEquals(await cache.blobSize(CONTENT, fail), 7);
    assertEquals(outcomes, ["miss", "hit"]);
  },

  "blobSize remembers content of no bytes": async ({ cache }) => {
    assertEquals(await cache.blobSize(CONTENT, () => Promise.resolve(0)), 0);
    assertEquals(await cache.blobSize(CONTENT, fail), 0);
  },

  "blobSize knows one repository at a time": async ({ cache }) => {
    await cache.blobSize(CONTENT, () => Promise.resolve(7));
    await assertRejects(() => cache.blobSize(ELSEWHERE, fail), Error, "loaded");
  },

  "blobSize remembers no failure": async ({ cache }) => {
    await assertRejects(() => cache.blobSize(CONTENT, fail), Error, "loaded");
    assertEquals(await cache.blobSize(CONTENT, () => Promise.resolve(7)), 7);
  },

  "hasManifest loads a yes once, and a no each time": async ({ cache, outcomes }) => {
    assertEquals(await cache.hasManifest(CONTENT, no), false);
    assertEquals(await cache.hasManifest(CONTENT, yes), true);
    assertEquals(await cache.hasManifest(CONTENT, fail), true);
    assertEquals(outcomes, ["miss", "miss", "hit"]);
  },

  "hasManifest knows one repository at a time": async ({ cache }) => {
    await cache.hasManifest(CONTENT, yes);
    assertEquals(await cache.hasManifest(ELSEWHERE, no), false);
  },

  "a blob is no manifest, and a manifest no blob": async ({ cache }) => {
    await cache.blobSize(CONTENT, () => Promise.resolve(7));
    assertEquals(await cache.hasManifest(CONTENT, no), false);
    await cache.hasManifest(ELSEWHERE, yes);
    await assertRejects(() => cache.blobSize(ELSEWHERE, fail), Error, "loaded");
  },

  "what one has loaded the other has": async ({ cache, other, shared }) => {
    if (!shared) return;
    await cache.blobSize(CONTENT, () => Promise.resolve(7));
    await cache.hasManifest(ELSEWHERE, yes);
    assertEquals(await other.blobSize(CONTENT, fail), 7);
    assertEquals(await other.hasManifest(ELSEWHERE, fail), true);
  },

  "remove runs its task and gives its result": async ({ cache }) => {
    assertEquals(await cache.remove(CONTENT, () => Promise.resolve("gone")), "gone");
    await assertRejects(() => cache.remove(CONTENT, fail), Error, "loaded");
  },

  "remove makes all forget": async ({ cache, other }) => {
    for (const each of [cache, other]) await each.blobSize(CONTENT, () => Promise.resolve(7));
    await cache.remove(CONTENT, () => Promise.resolve());
    for (const each of [cache, other]) {
      await assertRejects(() => each.blobSize(CONTENT, fail), Error, "loaded");
    }
    for (const each of [cache, other]) await each.hasManifest(ELSEWHERE, yes);
    await other.remove(ELSEWHERE, () => Promise.resolve());
    for (const each of [cache, other]) assertEquals(await each.hasManifest(ELSEWHERE, no), false);
  },

  "remove leaves what other repositories hold": async ({ cache }) => {
    await cache.blobSize(CONTENT, () => Promise.resolve(7));
    await cache.blobSize(ELSEWHERE, () => Promise.resolve(7));
    await cache.remove(CONTENT, () => Promise.resolve());
    assertEquals(await cache.blobSize(ELSEWHERE, () => Promise.resolve(7)), 7);
    await assertRejects(() => cache.blobSize(CONTENT, fail), Error, "loaded");
  },

  "remove is not undone by a look-up that began before it": async ({ cache, other }) => {
    for (const reader of [cache, other]) {
      const loading = Promise.withResolvers<number>();
      const started = Promise.withResolvers<void>();
      const reading = reader.blobSize(CONTENT, () => {
        started.resolve();
        return loading.promise;
      });
      await started.promise;
      await cache.remove(CONTENT, () => Promise.resolve());
      loading.resolve(7);
      assertEquals(await reading, 7);
      await assertRejects(() => reader.blobSize(CONTENT, fail), Error, "loaded");
    }
  },

  "remove is not undone by a look-up that ends while it goes on": async ({ cache, other }) => {
    const removing = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const removal = cache.remove(CONTENT, () => {
      started.resolve();
      return removing.promise;
    });
    await started.promise;
    assertEquals(await other.hasManifest(CONTENT, yes), true);
    removing.resolve();
    await removal;
    assertEquals(await other.hasManifest(CONTENT, no), false);
  },

  "forget drops what is known": async ({ cache }) => {
    await cache.blobSize(CONTENT, () => Promise.resolve(7));
    await cache.forget(CONTENT);
    await assertRejects(() => cache.blobSize(CONTENT, fail), Error, "loaded");
  },
};

/** Registers a test for each case of the contract. */
export function descriptorCacheContract(
  name: string,
  { register, makeFixture }: {
    readonly register: (test: { name: string; fn: () => Promise<void> }) => void;
    readonly makeFixture: () => Promise<CacheFixture>;
  },
): void {
  for (const [behaviour, run] of Object.entries(CASES)) {
    register({
      name: `${name} ${behaviour}`,
      async fn() {
        await using fixture = await makeFixture();
        await run(fixture);
      },
    });
  }
}

function yes(): Promise<boolean> {
  return Promise.resolve(true);
}

function no(): Promise<boolean> {
  return Promise.resolve(false);
}

/** What must not be asked, or has nothing to give. */
function fail(): Promise<never> {
  return Promise.reject(new Error("loaded"));
}
