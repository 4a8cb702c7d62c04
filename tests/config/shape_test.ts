import { assertEquals } from "@std/assert";
import { rootSection } from "../../src/config/root.ts";
import { formatPath, isObsolete, listKeys, shapeAt } from "../../src/config/shape.ts";

const KEYS = [...listKeys(rootSection.shape)];

Deno.test("formatPath writes keys and indexes", () => {
  assertEquals(formatPath(["a", "b", 0, 1, "c"]), "a.b[0][1].c");
  assertEquals(formatPath([]), "");
});

Deno.test("listKeys lists every key once, items and keys of choice too", () => {
  const paths = KEYS.map(({ path }) => path);
  assertEquals(new Set(paths).size, paths.length);
  for (const path of ["http", "http.headers.<name>[]", "health.http[].uri", "redis.pool.maxidle"]) {
    assertEquals(paths.includes(path), true, path);
  }
});

Deno.test("listKeys marks what holds a secret, and nothing that does not", () => {
  const secrets = KEYS.filter(({ secret, shape }) => secret && shape.type === "leaf");
  assertEquals(secrets.map(({ path }) => path), [
    "log.hooks[].options.smtp.password",
    "http.secret",
    "storage.s3.accesskey",
    "storage.s3.secretkey",
    "storage.s3aws.accesskey",
    "storage.s3aws.secretkey",
    "storage.azure.accountkey",
    "storage.azure.credentials.secret",
    "storage.azure.connectionstring",
    "storage.gcs.credentials.<name>",
    "notifications.endpoints[].headers.<name>[]",
    "notifications.endpoints[].secret",
    "redis.password",
    "redis.sentinelpassword",
    "health.http[].headers.<name>[]",
    "proxy.password",
    "proxy.upstreams[].password",
    "reporting",
  ]);
});

Deno.test("listKeys marks the keys that are Stowage's own", () => {
  assertEquals(KEYS.filter(({ shape }) => shape.own).map(({ path }) => path), [
    "http.tls.letsencrypt.httpaddr",
    "http.trustedproxies",
    "http.workers",
    "storage.gcs.endpoint",
    "storage.cache.exclusive",
    ...["enabled", "interval", "grace", "deleteuntagged"]
      .map((key) => `storage.maintenance.garbagecollection.${key}`),
    ...["path", "realm", "service", "tokenttl", "refreshttl", "keys", "keyrotation"]
      .map((key) => `auth.stowage.${key}`),
    "notifications.endpoints[].format",
    "notifications.endpoints[].mediatype",
    "notifications.endpoints[].secret",
    "notifications.endpoints[].maxbackoff",
    "notifications.endpoints[].batch",
    "notifications.endpoints[].batch.events",
    "notifications.endpoints[].batch.delay",
    "notifications.endpoints[].deadletter",
    "notifications.endpoints[].deadletter.tries",
    "notifications.endpoints[].deadletter.age",
    "notifications.outbox",
    "notifications.outbox.path",
    "notifications.outbox.maxsize",
    "notifications.outbox.full",
    "notifications.outbox.pulls",
    "notifications.pulls",
    "notifications.pulls.ignore",
    "notifications.pulls.sample",
    "notifications.pulls.sample[]",
    "notifications.pulls.sample[].repositories",
    "notifications.pulls.sample[].rate",
    "health.redis.enabled",
    "health.redis.interval",
    "health.redis.threshold",
    "proxy.allowedhosts",
    "proxy.upstreams",
    "proxy.upstreams[].allowedhosts",
    ...["maxsize", "freshness", "missing", "listing", "catalog", "mirror.images", "mirror.interval"]
      .map((key) => `proxy.${key}`),
    "validation.manifests.blobs",
  ]);
});

Deno.test("isObsolete is true of a section of which every key is", () => {
  const { shape } = shapeAt(rootSection.shape, ["redis", "pool"]);
  assertEquals(shape !== undefined && isObsolete(shape), true);
  assertEquals(isObsolete(rootSection.shape), false);
});

Deno.test("shapeAt finds a key, and tells whether something above it is secret", () => {
  const path = ["notifications", "endpoints", 3, "headers", "Authorization", 0];
  assertEquals(shapeAt(rootSection.shape, path).secret, true);
  assertEquals(shapeAt(rootSection.shape, ["http", "nosuch", "x"]).shape, undefined);
  assertEquals(shapeAt(rootSection.shape, ["constructor"]).shape, undefined);
});

Deno.test("every key says what it means, and every obsolete one leads to a key that exists", () => {
  const paths = KEYS.map(({ path }) => path);
  for (const { path, shape } of KEYS) {
    assertEquals(/[.`]$/.test(shape.about), true, `${path}: ${shape.about}`);
    const use = shape.obsolete?.use?.replace(".*.", "[].");
    if (use !== undefined) assertEquals(paths.includes(use), true, `${path}: ${use}`);
  }
});
