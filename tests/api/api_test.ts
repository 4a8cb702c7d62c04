import { configureSync, getLogger, type LogRecord } from "@logtape/logtape";
import { assertEquals, assertMatch } from "@std/assert";
import { errorCodes, TestRegistry } from "./_registry.ts";

const VERSION = { "docker-distribution-api-version": "registry/2.0" };

/** Status, headers and body of an answer. */
async function shown(answer: Response) {
  const { status, headers } = answer;
  return { status, headers: Object.fromEntries(headers), body: await answer.text() };
}

Deno.test("createApi answers / to every method, so that it can be seen that it lives", async () => {
  const registry = new TestRegistry({ settings: { headers: { "x-a": "b" } } });

  for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PROPFIND"]) {
    assertEquals(await shown(await registry.send(method, "/")), {
      status: 200,
      headers: { "cache-control": "no-cache", "content-length": "0" },
      body: "",
    });
  }
});

Deno.test("createApi refuses everything while a health check fails", async () => {
  let failing: Record<string, string> | undefined = { storage: "no network" };
  const registry = new TestRegistry({ api: { failures: () => failing } });

  for (const path of ["/", "/v2/", "/v2/foo/tags/list", "/elsewhere"]) {
    const { status, headers, body } = await shown(await registry.send("GET", path));
    assertEquals(status, 503);
    assertEquals(headers["docker-distribution-api-version"], "registry/2.0");
    assertEquals(JSON.parse(body).errors, [{
      code: "UNAVAILABLE",
      message: "service unavailable",
      detail: "health checks fail: storage: no network",
    }]);
  }
  assertEquals((await registry.send("HEAD", "/v2/")).body, null);
  failing = undefined;
  assertEquals((await registry.send("GET", "/v2/")).status, 200);
});

Deno.test("createApi says which API it is on all but /, and adds configured headers where routed", async () => {
  const registry = new TestRegistry({
    settings: { headers: { "x-content-type-options": "nosniff", "x-frame-options": "DENY" } },
  });
  const headersOf = async (method: string, path: string) => {
    const { headers } = await registry.send(method, path);
    return [headers.get("docker-distribution-api-version"), headers.get("x-frame-options")];
  };

  for (const [method, path] of [["GET", "/v2/"], ["GET", "/v2/foo/tags/list"], ["PUT", "/v2/"]]) {
    assertEquals(await headersOf(method ?? "", path ?? ""), ["registry/2.0", "DENY"]);
  }
  assertEquals(await headersOf("OPTIONS", "/v2/"), ["registry/2.0", "DENY"]);
  assertEquals(await headersOf("GET", "/v2/FOO/tags/list"), ["registry/2.0", "DENY"]);
  assertEquals(await headersOf("GET", "/v2"), ["registry/2.0", null]);
  assertEquals(await headersOf("GET", "/elsewhere"), ["registry/2.0", null]);
  assertEquals(await headersOf("GET", "/"), [null, null]);
});

/** What is asked for, and where it is. */
const REDIRECTS: readonly (readonly [string, string])[] = [
  ["/v2", "/v2/"],
  ["/v2?a=b", "/v2/?a=b"],
  ["/v2/_catalog/?n=1", "/v2/_catalog?n=1"],
  ["/v2/foo/tags/list/", "/v2/foo/tags/list"],
  ["/v2/foo/blobs/uploads", "/v2/foo/blobs/uploads/"],
  ["/v2/foo/blobs/uploads?mount=a&from=b", "/v2/foo/blobs/uploads/?mount=a&from=b"],
  ["/v2//_catalog", "/v2/_catalog"],
  ["//v2/", "/v2/"],
  ["/v2/./foo/../_catalog?n=1", "/v2/_catalog?n=1"],
  ["/v2/%2E%2e/v2/", "/v2/"],
  ["/v2/%2e%2e%2ffoo/tags/list", "/v2/..%2ffoo/tags/list"],
  // Nothing of the path gets into the query or becomes a header or another host.
  ["/v2/a%3Fb%23c/tags/list/", "/v2/a%3Fb%23c/tags/list"],
  ["/v2/a%25b/tags/list/", "/v2/a%25b/tags/list"],
  ["/v2/%0D%0ASet-Cookie:a/tags/list/", "/v2/%0D%0ASet-Cookie:a/tags/list"],
  ["/v2/%E4%BD%A0/tags/list/", "/v2/%E4%BD%A0/tags/list"],
  ["/v2/%FF/../_catalog", "/v2/_catalog"],
  ["/.//\\evil.example/", "/%5Cevil.example/"],
  ["/.///evil.example/", "/evil.example/"],
  ["/x/../你/", "/%E4%BD%A0/"],
  ["/x/../a b\t/", "/a%20b%09/"],
  ["/x/../\ud800/", "/%EF%BF%BD/"],
];

for (const [path, location] of REDIRECTS) {
  Deno.test(`createApi leads ${JSON.stringify(path)} to ${location}, whatever the method`, async () => {
    for (const method of ["GET", "HEAD", "POST"]) {
      const rawUrl = `http://registry.test${path}`;
      const answer = await new TestRegistry().send(method, "/", { rawUrl });
      assertEquals(await shown(answer), {
        status: 301,
        headers: { ...VERSION, location, "content-length": "0" },
        body: "",
      });
    }
  });
}

Deno.test("createApi says in plain text that there is no such page", async () => {
  const registry = new TestRegistry();

  for (
    const path of ["/elsewhere", "/v1/", "/v3/", "/v2x/", "/v2/foo", "/v2/foo/", "/debug/vars"]
  ) {
    assertEquals(await shown(await registry.send("GET", path)), {
      status: 404,
      headers: {
        ...VERSION,
        "content-length": "19",
        "content-type": "text/plain; charset=utf-8",
        "x-content-type-options": "nosniff",
      },
      body: "404 page not found\n",
    });
  }
});

Deno.test("createApi under a prefix knows itself, and nothing outside", async () => {
  const registry = new TestRegistry({ settings: { prefix: "/my/registry/" } });

  assertEquals((await registry.send("GET", "/my/registry/v2/")).status, 200);
  assertEquals((await registry.send("GET", "/v2/")).status, 404);
  assertEquals((await registry.send("GET", "/my/registry")).status, 404);
  const bare = await registry.send("GET", "/my/registry/v2");
  assertEquals(bare.headers.get("location"), "/my/registry/v2/");
  const slash = await registry.send("GET", "/my/registry/v2/_catalog/");
  assertEquals(slash.headers.get("location"), "/my/registry/v2/_catalog");
  const started = await registry.send("POST", "/my/registry/v2/foo/blobs/uploads/");
  assertMatch(
    started.headers.get("location") ?? "",
    /^http:\/\/registry\.test\/my\/registry\/v2\/foo\/blobs\/uploads\/[0-9a-f-]{36}$/,
  );
});

Deno.test("createApi takes an escaped slash for one, and refuses escapes that are none", async () => {
  const registry = new TestRegistry();
  await registry.pushImage("foo/bar", { reference: "v1" });

  const escaped = await registry.send("GET", "/v2/foo%2Fbar/manifests/%76%31");
  assertEquals(escaped.status, 200);
  for (
    const path of ["/v2/%/tags/list", "/v2/%zz/tags/list", "/v2/%C3/tags/list", "/v2/%ED%A0%80/x"]
  ) {
    const answer = await registry.send("GET", path);
    assertEquals(answer.status, 400, path);
    assertEquals(await errorCodes(answer), ["NAME_INVALID"]);
  }
});

Deno.test("createApi lets no escape climb out of a repository", async () => {
  const registry = new TestRegistry();
  await registry.pushImage("foo", { reference: "v1" });

  for (
    const path of [
      "/v2/bar%2F..%2Ffoo/tags/list",
      "/v2/..%2Ffoo/tags/list",
      "/v2/bar/%252e%252e/foo/tags/list",
      "/v2/bar%5C..%5Cfoo/tags/list",
      "/v2/foo%00/tags/list",
    ]
  ) {
    const answer = await registry.send("GET", path);
    assertEquals(answer.status, 404, path);
    assertEquals(await errorCodes(answer), ["NAME_INVALID"]);
  }
});

Deno.test("createApi answers OPTIONS from the table", async () => {
  const registry = new TestRegistry();
  const allow = {
    "/v2/": "GET, HEAD",
    "/v2/foo/manifests/v1": "DELETE, GET, HEAD, PUT",
    "/v2/foo/blobs/uploads/": "POST",
    "/v2/foo/blobs/uploads/id": "DELETE, GET, HEAD, PATCH, POST, PUT",
  };

  for (const [path, expected] of Object.entries(allow)) {
    assertEquals(await shown(await registry.send("OPTIONS", path)), {
      status: 200,
      headers: { ...VERSION, allow: expected, "content-length": "0" },
      body: "",
    });
  }
});

Deno.test("createApi says which methods there are to one that it does not know", async () => {
  const registry = new TestRegistry();

  for (const method of ["PUT", "PROPFIND", "get2", "constructor", "__proto__", "toString", "X"]) {
    const answer = await registry.send(method, "/v2/");
    assertEquals(answer.status, 405, method);
    assertEquals(answer.headers.get("allow"), "GET, HEAD");
    assertEquals(await errorCodes(answer), ["UNSUPPORTED"]);
  }
});

Deno.test("createApi answers in the envelope where a part of it fails", async () => {
  const { store } = new TestRegistry();
  const tags = {
    ...store.tags,
    list: () => {
      throw new TypeError("a bug");
    },
  };
  const registry = new TestRegistry({ api: { store: { ...store, tags } } });

  const answer = await registry.send("GET", "/v2/foo/tags/list");

  assertEquals(answer.status, 500);
  assertEquals(await answer.json(), { errors: [{ code: "UNKNOWN", message: "unknown error" }] });
});

Deno.test("createApi writes one line for a request, and none for what is no part of the API", async () => {
  const records: LogRecord[] = [];
  configureSync({
    reset: true,
    sinks: { records: (record) => void records.push(record) },
    loggers: [
      { category: ["stowage"], sinks: ["records"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  const registry = new TestRegistry({ api: { log: getLogger(["stowage", "test"]) } });
  const logged = async (method: string, path: string) => {
    await registry.send(method, path);
    return records.splice(0).map(({ rawMessage, properties }) => {
      return [rawMessage, properties["http.response.status"], properties["vars.name"]];
    });
  };

  assertEquals(await logged("GET", "/v2/"), [["response completed", 200, undefined]]);
  assertEquals(await logged("GET", "/v2/foo/tags/list"), [
    ["response completed with error", 404, "foo"],
  ]);
  assertEquals(await logged("PUT", "/v2/foo/tags/list"), [
    ["response completed with error", 405, "foo"],
  ]);
  assertEquals(await logged("GET", "/v2/FOO/tags/list"), [
    ["response completed with error", 404, undefined],
  ]);
  for (const path of ["/", "/v2", "/elsewhere", "/v2/_catalog/"]) {
    assertEquals(await logged("GET", path), []);
  }
});
