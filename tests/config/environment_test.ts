import { assert, assertEquals } from "@std/assert";
import { stringify } from "@std/yaml";
import fc from "fast-check";
import type { Config } from "../../src/config/config.ts";
import { environmentName } from "../../src/config/environment.ts";
import { ConfigError } from "../../src/config/error.ts";
import { rootSection } from "../../src/config/root.ts";
import { type LeafShape, type ListedKey, listKeys } from "../../src/config/shape.ts";
import { BASE, configOf, load, problemsOf, rawProblemsOf, warningsOf } from "./_loading.ts";

const ENDPOINTS = `${BASE}
notifications:
  endpoints:
    - {name: a, url: "http://a"}
    - {name: b, url: "http://b"}
`;

Deno.test("environmentName joins the parts of a key", () => {
  assertEquals(environmentName("http.tls.clientcas[]"), "REGISTRY_HTTP_TLS_CLIENTCAS_<n>");
  assertEquals(environmentName("http.headers.<name>"), "REGISTRY_HTTP_HEADERS_<NAME>");
});

Deno.test("applyEnvironment wins over the file", () => {
  const { config, sources } = load(`${BASE}http: {addr: ":1"}`, { REGISTRY_HTTP_ADDR: ":2" });
  assertEquals(config.http.addr, ":2");
  assertEquals(sources.get("http.addr"), { kind: "environment", name: "REGISTRY_HTTP_ADDR" });
});

Deno.test("applyEnvironment makes what is missing above a key", () => {
  const { proxy } = configOf(BASE, {
    REGISTRY_PROXY_REMOTEURL: "https://example.com",
    REGISTRY_PROXY_EXEC_COMMAND: "helper",
    REGISTRY_PROXY_EXEC_LIFETIME: "5m",
  });
  assertEquals(proxy?.upstreams[0]?.exec, { command: "helper", lifetimeMs: 300_000 });
});

Deno.test("applyEnvironment gives a file without storage what it lacks", () => {
  const { config } = load("version: 0.1", {
    REGISTRY_AUTH: "silly",
    REGISTRY_AUTH_SILLY_REALM: "silly",
    REGISTRY_AUTH_SILLY_SERVICE: "silly",
    REGISTRY_STORAGE: "filesystem",
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: "/data",
  });
  assertEquals(config.auth, { type: "silly", realm: "silly", service: "silly" });
  assertEquals(config.storage.driver, {
    name: "filesystem",
    rootDirectory: "/data",
    maxThreads: 100,
  });
});

Deno.test("applyEnvironment replaces a section that a bare name stands for", () => {
  const text = `version: 0.1
storage:
  filesystem: {rootdirectory: /data, maxthreads: 50}
  delete: {enabled: true}
  cache: {blobdescriptor: inmemory}
`;
  const same = configOf(text, { REGISTRY_STORAGE: "filesystem" }).storage;
  assertEquals(same.driver, {
    name: "filesystem",
    rootDirectory: "/var/lib/registry",
    maxThreads: 100,
  });
  assertEquals([same.delete.enabled, same.cache], [false, undefined]);
  const other = configOf(text, {
    REGISTRY_STORAGE: "inmemory",
    REGISTRY_STORAGE_DELETE_ENABLED: "true",
  }).storage;
  assertEquals(other.driver, { name: "inmemory" });
  assertEquals(other.delete.enabled, true);
});

Deno.test("applyEnvironment adds to a section that the file has as a bare name", () => {
  const { storage } = configOf("version: 0.1\nstorage: filesystem\n", {
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: "/data",
    REGISTRY_STORAGE_DELETE_ENABLED: "true",
  });
  assertEquals(storage.delete.enabled, true);
  assertEquals(storage.driver.name === "filesystem" && storage.driver.rootDirectory, "/data");
});

Deno.test("applyEnvironment explains a second driver", () => {
  const text = "version: 0.1\nstorage: {filesystem: {}}\n";
  const env = { REGISTRY_STORAGE_S3_BUCKET: "b", REGISTRY_STORAGE_S3_REGION: "eu-central-1" };
  assertEquals(problemsOf(text, env), [
    "storage: Provide exactly one storage type, not filesystem (config.yml line 2) and " +
    "s3 (REGISTRY_STORAGE_S3_BUCKET); to replace the file's driver from the environment, " +
    "set REGISTRY_STORAGE to the driver's name as well",
  ]);
  assertEquals(problemsOf(text, { ...env, REGISTRY_STORAGE: "s3" }), []);
});

Deno.test("applyEnvironment reads a value as YAML, whole lists and mappings too", () => {
  const config = configOf(`${BASE}http: {headers: {X-Old: [a]}}`, {
    REGISTRY_REDIS_ADDRS: '["a:1", "b:2"]',
    REGISTRY_HTTP_HEADERS: "{X-A: [b]}",
    REGISTRY_HTTP: "{addr: ':7'}",
    REGISTRY_HTTP_SECRET: '"in quotes"',
  });
  assertEquals(config.redis?.addrs, ["a:1", "b:2"]);
  assertEquals(config.http.headers, { "X-A": ["b"] });
  assertEquals(config.http.addr, ":7");
  assertEquals(config.http.secret, "in quotes");
});

Deno.test("applyEnvironment edits an item of a list by its index", () => {
  const { notifications } = configOf(ENDPOINTS, { REGISTRY_NOTIFICATIONS_ENDPOINTS_1_NAME: "x" });
  assertEquals(notifications.endpoints.map(({ name }) => name), ["a", "x"]);
});

Deno.test("applyEnvironment appends an item behind the last one, also the tenth", () => {
  const env: Record<string, string> = {};
  for (let index = 0; index < 12; index++) {
    env[`REGISTRY_NOTIFICATIONS_ENDPOINTS_${index}_URL`] = `http://${index}.example.com`;
  }
  const { notifications } = configOf(BASE, env);
  assertEquals(notifications.endpoints.length, 12);
  assertEquals(notifications.endpoints[10]?.url, "http://10.example.com");
});

Deno.test("applyEnvironment refuses an index that leaves a gap, and one that is none", () => {
  assertEquals(problemsOf(ENDPOINTS, { REGISTRY_NOTIFICATIONS_ENDPOINTS_3_NAME: "x" }), [
    "notifications.endpoints[3]: Number the items of the list from 0 without a gap: " +
    "undefined index: 3",
  ]);
  const [problem] = rawProblemsOf(ENDPOINTS, { REGISTRY_NOTIFICATIONS_ENDPOINTS_X_NAME: "x" });
  assertEquals(problem?.expected, "an index from 0 to 2");
});

Deno.test("applyEnvironment sets an item of a list of texts by its index", () => {
  const text = `${BASE}http: {tls: {clientcas: [/a, /b]}}`;
  const env = {
    REGISTRY_HTTP_TLS_CERTIFICATE: "/c",
    REGISTRY_HTTP_TLS_KEY: "/k",
    REGISTRY_HTTP_TLS_CLIENTCAS_1: "/x",
    REGISTRY_HTTP_TLS_CLIENTCAS_2: "/y",
  };
  assertEquals(configOf(text, env).http.tls?.clientCas, ["/a", "/x", "/y"]);
});

Deno.test("applyEnvironment sets the sections of storage.maintenance", () => {
  const text = `version: 0.1
storage:
  inmemory:
  maintenance: {uploadpurging: {enabled: true, age: 1h, interval: 1h, dryrun: false}}
`;
  const { maintenance } = configOf(text, {
    REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED: "true",
    REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_AGE: "2h",
  }).storage;
  assertEquals(maintenance.readOnly.enabled, true);
  assertEquals(maintenance.uploadPurging.ageMs, 7_200_000);
  const whole = configOf(BASE, { REGISTRY_STORAGE_MAINTENANCE_READONLY: "{enabled: true}" });
  assertEquals(whole.storage.maintenance.readOnly.enabled, true);
});

Deno.test("applyEnvironment takes the names of Distribution's fields too", () => {
  const { health, notifications, log, redis } = configOf(BASE, {
    REGISTRY_HEALTH_FILECHECKERS_0_FILE: "/down",
    REGISTRY_HEALTH_FILECHECKERS_1_FILE: "/off",
    REGISTRY_HEALTH_HTTPCHECKERS_0_URI: "http://a",
    REGISTRY_HEALTH_TCPCHECKERS_0_ADDR: "a:1",
    REGISTRY_NOTIFICATIONS_EVENTCONFIG_INCLUDEREFERENCES: "true",
    REGISTRY_LOG_HOOKS_0_TYPE: "mail",
    REGISTRY_LOG_HOOKS_0_MAILOPTIONS_SMTP_ADDR: "a:25",
    REGISTRY_REDIS_OPTIONS_ADDRS: "[a:1]",
    REGISTRY_REDIS_OPTIONS_DB: "3",
  });
  assertEquals(health.file.map(({ file }) => file), ["/down", "/off"]);
  assertEquals([health.http[0]?.uri, health.tcp[0]?.addr], ["http://a", "a:1"]);
  assertEquals(notifications.events.includeReferences, true);
  assertEquals(log.hooks[0]?.smtp.addr, "a:25");
  assertEquals([redis?.addrs, redis?.db], [["a:1"], 3]);
});

Deno.test("applyEnvironment finds a key of the user's choice whatever its case", () => {
  const text = `${BASE}http: {headers: {X-Foo: [a]}}\nlog: {fields: {Service: a}}`;
  const { http, log } = configOf(text, {
    "REGISTRY_HTTP_HEADERS_X-FOO": "[b]",
    "REGISTRY_HTTP_HEADERS_X-Bar_0": "c",
    REGISTRY_LOG_FIELDS_SERVICE: "b",
    REGISTRY_LOG_FIELDS_DATA_CENTER: "1",
  });
  assertEquals(http.headers, { "X-Foo": ["b"], "x-bar": ["c"] });
  assertEquals(log.fields, { Service: "b", data: { center: 1 } });
});

Deno.test("applyEnvironment reaches keys that contain an underscore", () => {
  const { driver } = configOf("version: 0.1", {
    REGISTRY_STORAGE: "{azure: {accountname: a, container: c, accountkey: k}}",
    REGISTRY_STORAGE_AZURE_MAX_RETRIES: "7",
    REGISTRY_STORAGE_AZURE_RETRY_DELAY: "2s",
  }).storage;
  assertEquals(driver.name === "azure" && [driver.maxRetries, driver.retryDelayMs], [7, 2000]);
});

Deno.test("applyEnvironment takes an empty variable for no value", () => {
  assertEquals(
    configOf(`${BASE}http: {host: "http://a"}`, { REGISTRY_HTTP_HOST: "" }).http.host,
    undefined,
  );
});

Deno.test("applyEnvironment looks at upper-case names only", () => {
  const env = { registry_http_addr: ":1", REGISTRY_http_addr: ":2", Registry_HTTP_ADDR: ":3" };
  const { config, warnings } = load(BASE, env);
  assertEquals(config.http.addr, ":5000");
  assertEquals(warnings.map(({ path }) => path), ["REGISTRY_http_addr"]);
});

Deno.test("applyEnvironment warns of unknown variables, and names the nearest one", () => {
  assertEquals(
    warningsOf(BASE, {
      REGISTRY_HTTP_ADR: ":1",
      REGISTRY_NOTIFICATIONS_ENDPOINTS_0_NAM: "x",
      REGISTRY_LOG_LEVEL_X: "x",
      REGISTRY_VERSION: "0.1",
    }),
    [
      "REGISTRY_HTTP_ADR: Ignoring unrecognized environment variable; " +
      'the nearest known one is "REGISTRY_HTTP_ADDR"',
      "REGISTRY_LOG_LEVEL_X: Ignoring unrecognized environment variable; " +
      'the nearest known one is "REGISTRY_LOG_LEVEL"',
      "REGISTRY_NOTIFICATIONS_ENDPOINTS_0_NAM: Ignoring unrecognized environment variable; " +
      'the nearest known one is "REGISTRY_NOTIFICATIONS_ENDPOINTS_<n>_NAME"',
      "REGISTRY_VERSION: Ignoring it: only the file can set this key",
    ],
  );
});

Deno.test("applyEnvironment ignores what Kubernetes sets, also below a driver", () => {
  const message = "Ignoring it: it is unknown, and looks like what Kubernetes sets for a service";
  const env = {
    REGISTRY_PORT: "tcp://10.0.0.1:5000",
    REGISTRY_PORT_5000_TCP: "tcp://10.0.0.1:5000",
    REGISTRY_PORT_5000_TCP_ADDR: "10.0.0.1",
    REGISTRY_SERVICE_HOST: "10.0.0.1",
    REGISTRY_SERVICE_PORT: "5000",
    REGISTRY_STORAGE_S3_PORT: "tcp://10.0.0.1:5000",
  };
  assertEquals(warningsOf(BASE, env), Object.keys(env).map((name) => `${name}: ${message}`));
});

Deno.test("applyEnvironment says nothing of the variable that names the file", () => {
  assertEquals(warningsOf(BASE, { REGISTRY_CONFIGURATION_PATH: "config.yml" }), []);
});

Deno.test("applyEnvironment tells of values that have the wrong type", () => {
  const env = {
    REGISTRY_HTTP_TLS: "text",
    REGISTRY_HTTP_HEADERS: "[a]",
    REGISTRY_REDIS_ADDRS: "a:1",
    REGISTRY_LOG_LEVEL: "loud",
    REGISTRY_AUTH_TOKEN: "{realm: [}",
    REGISTRY_HTTP_SECRET: "a: b",
  };
  assertEquals(problemsOf(BASE, env), [
    'log.level: Give "error", "warn", "info" or "debug", not "loud"',
    "http.secret: Give text, not a mapping; the value is read as YAML: put it in quotes",
    "http.headers: Give a mapping, not a list",
    "http.tls: Give a mapping, not a text",
    "auth.token: Correct the value, which is read as YAML; a text with special characters needs " +
    "quotes within the variable",
    'redis.addrs: Give a list, not a text; write it as ["…"], or one "- …" a line',
  ]);
});

Deno.test("applyEnvironment warns of a text that a comment cuts off", () => {
  assertEquals(warningsOf(BASE, { REGISTRY_HTTP_SECRET: "abc #def" }), [
    'http.secret: Put the value in quotes: "#" and what follows it was read as a comment',
  ]);
  assertEquals(warningsOf(BASE, { REGISTRY_HTTP_SECRET: '"abc #def"' }), []);
});

Deno.test("applyEnvironment leaves the older loglevel behind log.level", () => {
  assertEquals(configOf(BASE, { REGISTRY_LOGLEVEL: "debug" }).log.level, "debug");
  const text = `${BASE}log: {level: error}`;
  assertEquals(configOf(text, { REGISTRY_LOGLEVEL: "debug" }).log.level, "error");
});

/** Every key that holds a single value, and is set by its name alone. */
const KEYS: readonly (ListedKey & { readonly shape: LeafShape })[] = [
  ...listKeys(rootSection.shape),
].flatMap(({ shape, ...key }) =>
  shape.type === "leaf" && shape.fileOnly !== true ? [{ ...key, shape }] : []
);

/** What must stand beside a key, so that it comes to mean something; the first prefix counts. */
const SURROUNDINGS: readonly (readonly [prefix: string, section: Tree])[] = [
  ["storage.filesystem", { storage: { filesystem: {} } }],
  ["storage.inmemory", { storage: { inmemory: {} } }],
  ["storage.s3.", { storage: { s3: S3() } }],
  ["storage.s3aws.", { storage: { s3aws: S3() } }],
  ["storage.azure", {
    storage: { azure: { accountname: "a", container: "c", accountkey: "k" } },
  }],
  ["storage.gcs", { storage: { gcs: { bucket: "b" } } }],
  ["auth.silly", { auth: { silly: { realm: "r", service: "s" } } }],
  ["auth.htpasswd", { auth: { htpasswd: { realm: "r", path: "p" } } }],
  ["auth.token", { auth: { token: { realm: "r", issuer: "i", service: "s", jwks: "j" } } }],
  ["proxy", { proxy: { remoteurl: "https://example.com", exec: { command: "c" } } }],
  ["redis", { redis: { addrs: ["a:1"] } }],
  ["http.tls", { http: { tls: { certificate: "c", key: "k" } } }],
  ["http.debug", { http: { debug: { addr: "a:1" } } }],
];

type Tree = { [key: string]: unknown };

function S3(): Tree {
  return { bucket: "b", region: "eu-central-1" };
}

/** Values of every kind, right and wrong; what is drawn need not fit the key. */
function valueOf({ kind, values }: LeafShape): fc.Arbitrary<unknown> {
  const wild = fc.oneof(
    fc.integer({ min: -10, max: 10_000_000 }),
    fc.boolean(),
    fc.string({ maxLength: 12 }),
    fc.constantFrom("yes", "off", "0123", "1e3", "a:1", "http://a", "2024-01-01", null, ""),
  );
  if (values !== undefined) return fc.oneof(fc.constantFrom(...values), wild);
  if (kind === "boolean") return fc.oneof(fc.boolean(), fc.constantFrom("yes", "no"), wild);
  if (kind === "integer") return fc.oneof(fc.integer({ min: 0, max: 100_000_000 }), wild);
  if (kind === "duration") return fc.oneof(fc.constantFrom("1s", "2h45m", "0", "-1s"), wild);
  return wild;
}

const scenario = fc.constantFrom(...KEYS).chain((key) =>
  fc.record({ key: fc.constant(key), value: valueOf(key.shape) })
);

Deno.test("applyEnvironment sets every single value as the file does", () => {
  fc.assert(
    fc.property(scenario, ({ key, value }) => {
      const path = key.path.replaceAll("<name>", "x").replaceAll("[]", ".0").split(".");
      const name = environmentName(key.path).replaceAll("<n>", "0").replaceAll("<NAME>", "x");
      const around = surroundings(key.path);
      const written = yaml(value);
      const byFile = outcome(withValue(around, path, value), {});
      const byVariable = outcome(around, { [name]: written });
      assertEquals(byVariable, byFile, `${name}=${written}`);
    }),
    { numRuns: 800 },
  );
});

Deno.test("applyEnvironment knows a variable for every key of the table", () => {
  for (const { path } of KEYS) {
    const name = environmentName(path).replaceAll("<n>", "0").replaceAll("<NAME>", "X");
    try {
      const { warnings } = load(yaml(surroundings(path)), { [name]: "1" });
      assert(warnings.every((warning) => warning.path !== name), name);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      assert(error.warnings.every((warning) => warning.path !== name), name);
    }
  }
});

interface Outcome {
  readonly config?: Config;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** All that can be told of a configuration, but for where values came from. */
function outcome(tree: Tree, env: Readonly<Record<string, string>>): Outcome {
  try {
    const { config, warnings } = load(yaml(tree), env);
    return { config, problems: [], warnings: warnings.map(({ path }) => path) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return {
      problems: error.problems.map(({ path, found }) => `${path}: ${bare(found)}`),
      warnings: error.warnings.map(({ path }) => path),
    };
  }
}

/** Two drivers are told with their sources, which are what differs here. */
function bare(found: string): string {
  return found.replaceAll(/ \([^)]*\)/g, "");
}

function surroundings(path: string): Tree {
  const base: Tree = { version: "0.1", storage: { inmemory: {} } };
  const found = SURROUNDINGS.find(([prefix]) => path.startsWith(prefix));
  return { ...base, ...structuredClone(found?.[1]) };
}

function withValue(tree: Tree, path: readonly string[], value: unknown): Tree {
  const copy = structuredClone(tree);
  let node: Tree = copy;
  for (const [index, part] of path.slice(0, -1).entries()) {
    const isList = path[index + 1] === "0";
    node[part] ??= isList ? [] : {};
    node = node[part] as Tree;
  }
  node[path.at(-1) ?? ""] = value;
  return copy;
}

function yaml(value: unknown): string {
  return (stringify as (data: unknown) => string)(value);
}
