import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/config/error.ts";
import { loadConfig } from "../../src/config/load.ts";
import { BASE, configOf, load, problemsOf, rawProblemsOf, warningsOf } from "./_loading.ts";

/** What packages of Distribution install as their configuration, in our own words. */
const USUAL_FILE = `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/docker-registry
  delete:
    enabled: true
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`;

Deno.test("loadConfig reads the usual file of Distribution without a warning", () => {
  const { config, warnings } = load(USUAL_FILE);
  assertEquals(warnings, []);
  assertEquals(config.log.fields, { service: "registry" });
  assertEquals(config.storage.driver, {
    name: "filesystem",
    rootDirectory: "/var/lib/docker-registry",
    maxThreads: 100,
  });
  assertEquals(config.storage.cache, {
    blobDescriptor: "inmemory",
    blobDescriptorSize: 10_000,
    exclusive: false,
  });
  assertEquals(config.storage.delete.enabled, true);
  assertEquals(config.http.addr, ":5000");
  assertEquals(config.http.headers, { "X-Content-Type-Options": ["nosniff"] });
  assertEquals(config.health.storageDriver, { enabled: true, intervalMs: 10_000, threshold: 3 });
});

Deno.test("loadConfig fills in every default", () => {
  assertEquals(configOf(BASE), {
    log: {
      level: "info",
      formatter: "text",
      fields: {},
      reportCaller: false,
      accessLog: { disabled: false },
      hooks: [],
    },
    http: {
      addr: ":5000",
      net: "tcp",
      prefix: "/",
      relativeUrls: false,
      trustedProxies: [],
      drainTimeoutMs: 0,
      headers: {},
      http2: { disabled: false },
      h2c: { enabled: false },
    },
    storage: {
      driver: { name: "inmemory" },
      delete: { enabled: false },
      redirect: { disabled: false },
      maintenance: {
        uploadPurging: {
          enabled: true,
          ageMs: 604_800_000,
          intervalMs: 86_400_000,
          dryRun: false,
        },
        garbageCollection: {
          enabled: false,
          intervalMs: 86_400_000,
          graceMs: 86_400_000,
          deleteUntagged: false,
        },
        readOnly: { enabled: false },
      },
      tag: { concurrencyLimit: 0 },
    },
    auth: { type: "none" },
    middleware: { registry: [], repository: [], storage: [] },
    notifications: {
      events: { includeReferences: false },
      endpoints: [],
      outbox: { maxBytes: 1024 ** 3, full: "drop", pulls: "relaxed" },
      pulls: { ignore: [], sample: [] },
    },
    health: {
      storageDriver: { enabled: false, intervalMs: 10_000, threshold: 0 },
      redis: { enabled: false, intervalMs: 10_000, threshold: 0 },
      file: [],
      http: [],
      tcp: [],
    },
    catalog: { maxEntries: 1000 },
    tags: { maxTags: 1000 },
    validation: {
      enabled: true,
      manifests: {
        urls: { allow: [], deny: [] },
        indexes: { platforms: "all", platformList: [] },
        blobs: "all",
      },
    },
    policy: { repository: { classes: [] } },
  });
});

Deno.test("loadConfig freezes the configuration to its last list", () => {
  const { config } = load(USUAL_FILE);
  const seen: unknown[] = [config];
  for (const value of seen) {
    assert(Object.isFrozen(value));
    if (typeof value === "object" && value !== null) seen.push(...Object.values(value));
  }
  assert(seen.length > 50);
});

Deno.test("loadConfig tells all problems at once, in the order of the sections", () => {
  const problems = rawProblemsOf(`version: 0.2
auth:
  token: {issuer: me, service: us}
storage:
  filesystem: {maxthreads: many}
http:
  draintimeout: soon
log:
  level: loud
`);
  assertEquals(problems.map(({ path }) => path), [
    "version",
    "log.level",
    "http.draintimeout",
    "storage.filesystem.maxthreads",
    "auth.token.realm",
    "auth.token.rootcertbundle",
  ]);
});

Deno.test("loadConfig tells of each problem what it found, what it expected, and the line", () => {
  const [problem] = rawProblemsOf(`${BASE}\nlog:\n  # loud\n  level: loud\n`);
  assertEquals(problem, {
    path: "log.level",
    found: '"loud"',
    expected: '"error", "warn", "info" or "debug"',
    message: 'Give "error", "warn", "info" or "debug", not "loud"',
    source: { kind: "file", fileName: "config.yml", line: 6 },
  });
});

Deno.test("loadConfig never shows a secret in a problem", () => {
  const text = `${BASE}
http: {secret: [hunter2]}
redis: hunter2
proxy: {remoteurl: "https://u:hunter2@", password: {a: hunter2}}
notifications: {endpoints: [{url: "ftp://u:hunter2@example.com", headers: {A: hunter2}}]}
passwort: hunter2
`;
  const env = { REGISTRY_REDIS_PASSWORD: "*hunter2", REGISTRY_HTTP_SECRET: "!hunter2" };
  const error = assertThrows(() => load(text, env), ConfigError);
  assertEquals(error.problems.length, 7);
  assertEquals(
    JSON.stringify([error.problems, error.warnings, error.message]).includes("hunter2"),
    false,
  );
});

Deno.test("loadConfig refuses a text that is no YAML, by its line and without quoting it", () => {
  const [problem] = rawProblemsOf('version: 0.1\nhttp: {secret: hunter2, "x\n');
  assertStringIncludes(problem?.message ?? "", "Correct the YAML: ");
  assertEquals(problem?.source?.kind, "file");
  assertEquals(JSON.stringify(problem).includes("hunter2"), false);
});

Deno.test("loadConfig refuses what is no mapping, and aliases that have no end", () => {
  assertEquals(rawProblemsOf("- a").map(({ found }) => found), ["a list"]);
  assertEquals(rawProblemsOf("just text").map(({ found }) => found), ["a single value"]);
  assertEquals(problemsOf("a: &a [*a]"), [
    ": Correct the YAML: too many values, or nested too deep",
  ]);
});

Deno.test("loadConfig tells what an empty file lacks", () => {
  for (const text of ["", "# nothing\n", "version: 0.1"]) {
    const problems = problemsOf(text);
    assertEquals(
      problems.at(-1),
      "storage: Add a storage driver: no storage configuration provided",
    );
    assertEquals(problems.length, text.startsWith("version") ? 1 : 2);
  }
});

Deno.test("loadConfig takes a file of its version only", () => {
  for (const version of ["0.1", "'0.1'", '"0.1"']) {
    assertEquals(problemsOf(`version: ${version}\nstorage: inmemory`), []);
  }
  for (const version of ["0.2", "1.0", "0.10", "1", "latest", "[0, 1]"]) {
    assertEquals(rawProblemsOf(`version: ${version}\nstorage: inmemory`).length, 1, version);
  }
});

Deno.test("loadConfig lets the last of two equal keys count, with a warning", () => {
  const { config, warnings } = load(`${BASE}http: {addr: ":1"}\nhttp: {addr: ":2"}\n`);
  assertEquals(config.http.addr, ":2");
  assertEquals(warnings, [{
    path: "",
    found: "a key that is there twice",
    expected: "each key once",
    message: "Remove one of the two: the last one counts",
    source: { kind: "file", fileName: "config.yml", line: 4 },
  }]);
});

Deno.test("loadConfig warns of an unknown key, and names the nearest one", () => {
  assertEquals(warningsOf(`${BASE}http: {drainTimeout: 1s, adr: x}\nstoage: {}\naddr: x\n`), [
    'stoage: Ignoring the unknown key; the nearest known key is "storage"',
    'addr: Ignoring the unknown key; the nearest known key is "auth"',
    'http.drainTimeout: Ignoring the unknown key; the nearest known key is "http.draintimeout"',
    'http.adr: Ignoring the unknown key; the nearest known key is "http.addr"',
  ]);
});

Deno.test("loadConfig names the place of a key that stands in the wrong section", () => {
  assertEquals(warningsOf(`${BASE}relativeurls: true\n`), [
    'relativeurls: Ignoring the unknown key; the nearest known key is "http.relativeurls"',
  ]);
});

Deno.test("loadConfig reads the booleans of YAML 1.1", () => {
  for (const word of ["true", "yes", "on", "Yes", "ON", "y", "'true'", "1"]) {
    assertEquals(configOf(`${BASE}http: {relativeurls: ${word}}`).http.relativeUrls, true, word);
  }
  for (const word of ["false", "no", "off", "No", "OFF", "n", "'false'", "0", ""]) {
    assertEquals(configOf(`${BASE}http: {relativeurls: ${word}}`).http.relativeUrls, false, word);
  }
  assertEquals(problemsOf(`${BASE}http: {relativeurls: maybe}`), [
    'http.relativeurls: Give true or false, not "maybe"',
  ]);
});

Deno.test("loadConfig reads durations of Go, and bare numbers as nanoseconds", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["0", 0],
    ["2000000000", 2000],
    ["'0'", 0],
  ];
  for (const [text, expected] of cases) {
    assertEquals(configOf(`${BASE}http: {draintimeout: ${text}}`).http.drainTimeoutMs, expected);
  }
  assertEquals(warningsOf(`${BASE}http: {draintimeout: 30}`), [
    'http.draintimeout: Add a unit, such as "30s": a bare number is read as nanoseconds',
  ]);
  assertEquals(problemsOf(`${BASE}http: {draintimeout: "30"}`), [
    'http.draintimeout: Give a duration such as "30s" or "1h30m", not "30"; ' +
    'add a unit, such as "30s"',
  ]);
});

Deno.test("loadConfig reads numbers that are text, but no others", () => {
  assertEquals(configOf(`${BASE}catalog: {maxentries: "7"}`).catalog.maxEntries, 7);
  for (const value of ["7.5", "7 items", "1e400", "99999999999999999999", "true", "[7]"]) {
    const [problem] = rawProblemsOf(`${BASE}catalog: {maxentries: ${value}}`);
    assertEquals(problem?.expected, "a whole number", value);
  }
});

Deno.test("loadConfig takes text as it is written, whatever YAML makes of it", () => {
  for (const text of ["0123", "1e3", "yes", "2024-01-01", "0x10", "1_000", "~x", "null-ish"]) {
    assertEquals(configOf(`${BASE}http: {secret: ${text}}`).http.secret, text);
  }
  assertEquals(configOf(`${BASE}http: {secret: "a: b"}`).http.secret, "a: b");
});

Deno.test("loadConfig takes an empty value for an absent one", () => {
  const text = `${BASE}http:\n  host:\n  secret: ""\n  net: ''\n  tls:\n  headers:\nlog:\nredis:\n`;
  const { http, log } = configOf(text);
  assertEquals([http.host, http.secret, http.net, http.tls], [
    undefined,
    undefined,
    "tcp",
    undefined,
  ]);
  assertEquals(log.level, "info");
});

Deno.test("loadConfig follows anchors and merge keys", () => {
  const text = `version: 0.1
storage: inmemory
health:
  tcp:
    - &check {addr: "a:1", timeout: 3s}
    - {<<: *check, addr: "b:2"}
`;
  assertEquals(configOf(text).health.tcp.map(({ addr, timeoutMs }) => [addr, timeoutMs]), [
    ["a:1", 3000],
    ["b:2", 3000],
  ]);
});

Deno.test("loadConfig tells of an empty item in a list", () => {
  assertEquals(problemsOf(`${BASE}http: {tls: {clientcas: [a, null]}}`), [
    "http.tls.clientcas[1]: Give text",
  ]);
});

Deno.test("loadConfig tells where each value came from", () => {
  const { sources } = load(`${BASE}http:\n  addr: ":1"\n  headers: {A: [b]}\n`, {
    REGISTRY_LOG_LEVEL: "warn",
  });
  assertEquals(sources.get("http.addr"), { kind: "file", fileName: "config.yml", line: 4 });
  assertEquals(sources.get("http.headers.A[0]"), {
    kind: "file",
    fileName: "config.yml",
    line: 5,
  });
  assertEquals(sources.get("log.level"), { kind: "environment", name: "REGISTRY_LOG_LEVEL" });
  assertEquals(sources.get("http.net"), { kind: "default" });
});

Deno.test("loadConfig takes a text without a file for defaults", () => {
  const { sources } = loadConfig({ text: "\uFEFFversion: 0.1\nstorage: inmemory\n" });
  assertEquals(sources.get("version"), { kind: "default" });
});
