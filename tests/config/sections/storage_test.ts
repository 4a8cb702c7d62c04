import { assertEquals } from "@std/assert";
import { configOf, problemsOf, rawProblemsOf, warningsOf } from "../_loading.ts";

function storage(text: string): string {
  return `version: 0.1\nstorage: {inmemory: , ${text}}\n`;
}

Deno.test("resolveStorage reads a driver by its name alone, and without parameters", () => {
  for (const text of ["inmemory", "{inmemory: {}}", "{inmemory: }", '"InMemory"']) {
    const { driver } = configOf(`version: 0.1\nstorage: ${text}`).storage;
    assertEquals(driver, { name: "inmemory" });
  }
});

Deno.test("resolveStorage reads what holds for every driver", () => {
  const { storage: config } = configOf(storage(`
    delete: {enabled: true},
    redirect: {disable: true},
    cache: {blobdescriptor: inmemory, blobdescriptorsize: 5},
    maintenance: {
      uploadpurging: {enabled: true, age: 1h, interval: 30m, dryrun: true},
      readonly: {enabled: true},
    },
    tag: {concurrencylimit: 8}
  `));
  assertEquals(config, {
    driver: { name: "inmemory" },
    cache: { blobDescriptor: "inmemory", blobDescriptorSize: 5, exclusive: false },
    delete: { enabled: true },
    redirect: { disabled: true },
    maintenance: {
      uploadPurging: { enabled: true, ageMs: 3_600_000, intervalMs: 1_800_000, dryRun: true },
      garbageCollection: {
        enabled: false,
        intervalMs: 86_400_000,
        graceMs: 86_400_000,
        deleteUntagged: false,
      },
      readOnly: { enabled: true },
    },
    tag: { concurrencyLimit: 8 },
  });
});

Deno.test("resolveStorage refuses two drivers, and none", () => {
  assertEquals(problemsOf("version: 0.1\nstorage:\n  inmemory:\n  filesystem: {}\n"), [
    "storage: Provide exactly one storage type, not filesystem (config.yml line 4) and inmemory " +
    "(config.yml line 3); to replace the file's driver from the environment, set REGISTRY_STORAGE " +
    "to the driver's name as well",
  ]);
  for (const text of ["", "storage:", "storage: {}", "storage: {delete: {enabled: true}}"]) {
    assertEquals(problemsOf(`version: 0.1\n${text}`), [
      "storage: Add a storage driver: no storage configuration provided",
    ]);
  }
});

Deno.test("resolveStorage refuses an unknown driver, and names the nearest key", () => {
  for (const text of ["filesistem", "{filesistem: {rootdirectory: /a}}"]) {
    assertEquals(problemsOf(`version: 0.1\nstorage: ${text}`), [
      'storage.filesistem: Correct "filesistem", which is unknown; the nearest known key is ' +
      '"storage.filesystem"',
    ]);
  }
});

Deno.test("resolveStorage takes anything but a boolean for delete.enabled as false", () => {
  for (const value of ["'true'", "1", "maybe"]) {
    const text = storage(`delete: {enabled: ${value}}`);
    assertEquals(configOf(text).storage.delete.enabled, false, value);
    assertEquals(warningsOf(text).length, 1);
  }
  assertEquals(configOf(storage("delete: {enabled: yes}")).storage.delete.enabled, true);
});

Deno.test("resolveStorage switches purging off by a literal false only", () => {
  const rest = "age: 1h, interval: 1h, dryrun: false";
  const purging = (enabled: string) =>
    storage(`maintenance: {uploadpurging: {enabled: ${enabled}, ${rest}}}`);
  for (const [value, expected] of [["false", false], ["no", false], ["'false'", true]] as const) {
    const { uploadPurging } = configOf(purging(value)).storage.maintenance;
    assertEquals(uploadPurging.enabled, expected, value);
  }
});

Deno.test("resolveStorage wants text for the durations of purging", () => {
  const text = storage("maintenance: {uploadpurging: {age: 168, interval: true, dryrun: false}}");
  assertEquals(problemsOf(text), [
    'storage.maintenance.uploadpurging.age: Give a duration such as "30s" or "1h30m", not 168; ' +
    'add a unit, such as "168h"',
    'storage.maintenance.uploadpurging.interval: Give a duration such as "30s" or "1h30m" of 1s ' +
    "or more, not true",
  ]);
});

Deno.test("resolveStorage takes defaults where Distribution would not start, with a warning", () => {
  const purging = storage("maintenance: {uploadpurging: {enabled: true, age: 1h}}");
  assertEquals(configOf(purging).storage.maintenance.uploadPurging, {
    enabled: true,
    ageMs: 3_600_000,
    intervalMs: 86_400_000,
    dryRun: false,
  });
  assertEquals(warningsOf(purging), [
    "storage.maintenance.uploadpurging.interval: Taking 24h for the missing key; Distribution " +
    "refuses the section without it",
    "storage.maintenance.uploadpurging.dryrun: Taking false for the missing key; Distribution " +
    "refuses the section without it",
  ]);
  assertEquals(warningsOf(storage("maintenance: {uploadpurging: {enabled: false}}")), []);
  assertEquals(warningsOf(storage("redirect: {}")).length, 1);
});

Deno.test("resolveStorage explains scalars in the place of sections", () => {
  const text = storage(
    "maintenance: {readonly: true, uploadpurging: false}, redirect: {disable: maybe}, delete: true",
  );
  assertEquals(problemsOf(text), [
    "storage.delete: Give a mapping, not a single value",
    "storage.maintenance.uploadpurging: Give a mapping, not a single value",
    "storage.maintenance.readonly: Give a mapping, not a single value",
    'storage.redirect.disable: Give true or false, not "maybe"',
  ]);
});

Deno.test("resolveStorage has no cache of an unknown kind, with a warning", () => {
  const unknown = storage("cache: {blobdescriptor: memory}");
  assertEquals(configOf(unknown).storage.cache, undefined);
  assertEquals(warningsOf(unknown), [
    'storage.cache.blobdescriptor: Ignoring the value, which is not "inmemory" or "redis"',
  ]);
  for (const text of ["cache: ", "cache: {}", "cache: {blobdescriptorsize: 5}"]) {
    assertEquals(configOf(storage(text)).storage.cache, undefined);
    assertEquals(warningsOf(storage(text)).length, 1, text);
  }
});

Deno.test("resolveStorage wants a Redis for a cache in Redis", () => {
  const text = storage("cache: {blobdescriptor: redis, blobdescriptorsize: 5}");
  assertEquals(rawProblemsOf(text).map(({ path }) => path), ["storage.cache.blobdescriptor"]);
  const whole = `${text}redis: {addrs: ["a:1"]}`.replace("inmemory: ", "gcs: {bucket: b}");
  assertEquals(configOf(whole).storage.cache?.blobDescriptor, "redis");
  assertEquals(warningsOf(whole), [
    "storage.cache.blobdescriptorsize: Ignoring the size: it bounds the cache in memory only",
  ]);
});

Deno.test("resolveStorage warns of a cache that is not used", () => {
  const redis = 'redis: {addrs: ["a:1"]}';
  const object = (cache: string) =>
    warningsOf(`version: 0.1\nstorage: {gcs: {bucket: b}, cache: ${cache}}\n${redis}`);
  const local = (cache: string) => warningsOf(`${storage(`cache: ${cache}`)}${redis}`);
  assertEquals(object("{blobdescriptor: inmemory}"), [
    "storage.cache.blobdescriptor: Using no cache: one in memory takes the promise " +
    "storage.cache.exclusive, for nothing tells it what other programs delete",
  ]);
  assertEquals(object("{blobdescriptor: inmemory, exclusive: true}"), []);
  assertEquals(object("{blobdescriptor: redis}"), []);
  assertEquals(local("{blobdescriptor: inmemory}"), []);
  assertEquals(local("{blobdescriptor: redis}"), [
    "storage.cache.blobdescriptor: Using no cache: inmemory answers as fast as Redis would, " +
    "and is never wrong",
  ]);
});

Deno.test("resolveStorage reads a size of 0 or less as no bound", () => {
  for (const size of [0, -5]) {
    const text = storage(`cache: {blobdescriptor: inmemory, blobdescriptorsize: ${size}}`);
    assertEquals(configOf(text).storage.cache?.blobDescriptorSize, 0);
  }
});

Deno.test("resolveStorage refuses a negative limit of look-ups", () => {
  assertEquals(problemsOf(storage("tag: {concurrencylimit: -1}")), [
    "storage.tag.concurrencylimit: Give a whole number of 0 or more, not -1",
  ]);
});
