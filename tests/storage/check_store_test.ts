import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { checkStore, type StoreProblem } from "../../src/storage/check_store.ts";
import { blobDataPath, DAMAGED, layerLinkPath, ROOT } from "../../src/storage/paths.ts";
import { statIfPresent } from "../../src/storage/if_present.ts";
import { TestRegistry } from "../api/_registry.ts";
import { pushIndex } from "./_collecting.ts";
import { SILENT } from "./_doubles.ts";

async function check({ driver }: TestRegistry, repair = false): Promise<StoreProblem[]> {
  const problems: StoreProblem[] = [];
  await checkStore(driver, {
    log: SILENT,
    repair,
    hash: true,
    children: "all",
    concurrency: 2,
    onProblem: (problem) => problems.push(problem),
  });
  return problems;
}

Deno.test("checkStore finds nothing wrong with a store that is whole", async () => {
  const registry = new TestRegistry();
  await registry.pushImage("foo", { reference: "v1" });
  assertEquals(await check(registry), []);
});

Deno.test("checkStore moves damaged blobs and links aside, so that pushing again mends them", async () => {
  const registry = new TestRegistry();
  const image = await registry.pushImage("foo", { reference: "v1" });
  const damaged = blobDataPath(image.layer);
  await registry.driver.putContent(damaged, toBytes("other bytes"));
  await registry.driver.putContent(layerLinkPath("foo", image.config), toBytes("no digest"));
  const found = (await check(registry)).map(({ code }) => code);
  assertEquals(found.sort(), ["damaged_blob", "damaged_link"]);
  await check(registry, true);
  const aside = DAMAGED + damaged.slice(ROOT.length);
  assertEquals(await statIfPresent(registry.driver, aside) !== undefined, true);
  await registry.pushImage("foo", { reference: "v1" });
  assertEquals(await check(registry), []);
});

Deno.test("checkStore tells of an index whose child has gone, unless it need not be there", async () => {
  const registry = new TestRegistry();
  const child = await registry.pushImage("foo", { layer: "child" });
  await pushIndex(registry, child);
  assertEquals(await check(registry), []);
  await registry.send("DELETE", `/v2/foo/manifests/${child.digest}`);
  const found = (await check(registry, true)).map(({ code, digest, repaired }) => ({
    code,
    digest,
    repaired,
  }));
  assertEquals(found, [{ code: "missing_child", digest: child.digest, repaired: false }]);
  const { driver } = registry;
  const problems: StoreProblem[] = [];
  const steps: string[] = [];
  await checkStore(driver, {
    log: SILENT,
    repair: false,
    hash: true,
    children: "none",
    concurrency: 1,
    onProblem: (problem) => problems.push(problem),
    onProgress: ({ step, done }) => steps.push(`${step} ${done}`),
  });
  assertEquals(problems, []);
  assertEquals(steps.slice(0, 2), ["blobs 1", "blobs 2"]);
});
