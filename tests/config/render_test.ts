import { assertEquals, assertStringIncludes } from "@std/assert";
import { renderConfig, renderProblems } from "../../src/config/render.ts";
import { BASE, load, rawProblemsOf } from "./_loading.ts";

const RICH = `version: 0.1
log:
  fields: {service: registry, "a: b": {deep: [1, "x"]}, empty: ""}
  hooks:
    - {type: mail, levels: [error], options: {smtp: {addr: "m:25"}, to: ["a@b", "c: d"]}}
http:
  addr: :5001
  draintimeout: 1h30m
  headers: {X-A: ["multi\\nline", "'"]}
storage:
  s3: {bucket: b, region: eu-central-1, loglevel: off}
  maintenance: {uploadpurging: {enabled: true, age: 36h, interval: 90s, dryrun: yes}}
auth: {htpasswd: {realm: "yes", path: "0123"}}
notifications:
  endpoints: [{name: n, url: "http://a", timeout: 5ms}, {url: "http://b"}]
redis: {addrs: ["a:1"], maxretries: -1, readtimeout: -1s}
proxy: {remoteurl: "https://a", ttl: 0, exec: {command: c, lifetime: 0}}
validation: {manifests: {urls: {allow: ["^https?://", "\\\\.example\\\\."]}}}
`;

Deno.test("renderConfig writes a file that means the same", () => {
  const text = RICH.replace('X-A: ["multi\\nline", "\'"]', 'X-A: ["\'", "#"]');
  const first = load(text);
  const second = load(renderConfig(first));
  assertEquals(second.config, first.config);
  assertEquals(second.warnings, []);
  assertEquals(second.document, first.document);
});

Deno.test("renderConfig tells of each value where it came from", () => {
  const lines = renderConfig(load(`${BASE}http:\n  addr: :1\n`, { REGISTRY_HTTP_SECRET: "x" }))
    .split("\n");
  assertEquals(lines[0], "version: '0.1' # file line 1");
  assertEquals(lines.filter((line) => line.includes("addr:")), ["  addr: ':1' # file line 4"]);
  assertStringIncludes(lines.join("\n"), "  secret: <hidden> # REGISTRY_HTTP_SECRET\n");
  assertStringIncludes(lines.join("\n"), "  inmemory: {} # file line 2\n");
  assertStringIncludes(lines.join("\n"), "    uploadpurging:\n      enabled: true # default\n");
  assertStringIncludes(lines.join("\n"), "auth: none # default\n");
  const values = lines.filter((line) => !/:$|^$/.test(line));
  assertEquals(values.filter((line) => !line.includes(" # ")), []);
});

Deno.test("renderConfig shows no secret, and no password in a URL", () => {
  const text = `version: 0.1
log: {hooks: [{type: mail, options: {smtp: {addr: "m:25", password: hunter2}}}]}
http: {secret: hunter2}
storage:
  azure:
    accountname: a
    container: c
    accountkey: hunter2
    credentials: {type: client_secret, clientid: i, tenantid: t, secret: hunter2}
notifications:
  endpoints: [{url: "https://user:hunter2@example.com/x", headers: {Authorization: [hunter2]}}]
redis: {addrs: ["a:1"], password: hunter2, sentinelpassword: hunter2}
health: {http: [{uri: "http://a", headers: {Authorization: [hunter2]}}]}
proxy: {remoteurl: "https://user:hunter2@example.com", password: hunter2}
`;
  const rendered = renderConfig(load(text));
  assertEquals(rendered.includes("hunter2"), false);
  assertEquals(rendered.split("<hidden>").length - 1, 11);
  const gcs = "version: 0.1\nstorage: {gcs: {bucket: b, credentials: {private_key: hunter2}}}";
  const s3 =
    "version: 0.1\nstorage: {s3: {bucket: b, region: us-east-1, accesskey: hunter2, secretkey: hunter2}}";
  for (const driver of [gcs, s3]) {
    assertEquals(renderConfig(load(driver)).includes("hunter2"), false);
  }
});

Deno.test("renderProblems writes a block for each problem", () => {
  const problems = rawProblemsOf(`${BASE}log: {level: loud}\nhttp: {workers: 0}\n`, {
    REGISTRY_TAGS_MAXTAGS: "-1",
  });
  assertEquals(
    renderProblems(problems),
    `log.level: Give "error", "warn", "info" or "debug", not "loud"
  found:    "loud"
  expected: "error", "warn", "info" or "debug"
  source:   config.yml line 3

http.workers: Give a whole number from 1 to 1024, not 0
  found:    0
  expected: a whole number from 1 to 1024
  source:   config.yml line 4

tags.maxtags: Give a whole number of 0 or more, not -1
  found:    -1
  expected: a whole number of 0 or more
  source:   REGISTRY_TAGS_MAXTAGS
`,
  );
});

Deno.test("renderProblems begins with the file where the whole file is meant", () => {
  assertEquals(renderProblems(rawProblemsOf("a: b: c")).split("\n").length, 4);
  assertStringIncludes(renderProblems(rawProblemsOf("[")), "config.yml line 2: Correct the YAML: ");
});
