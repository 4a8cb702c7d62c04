import { assertEquals, assertThrows } from "@std/assert";
import { accessRecords, refusalOf } from "../../src/api/access.ts";
import { matchRoute, type RouteMatch } from "../../src/api/route_match.ts";
import type { Route } from "../../src/api/route.ts";
import { ROUTES } from "../../src/api/routes.ts";
import type { AccessController } from "../../src/auth/controller.ts";
import { AuthError } from "../../src/auth/errors.ts";
import { LogRecorder } from "../auth/_log.ts";
import { TestRegistry } from "./_registry.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

/** What each method of each route needs: an action for the repository `a/b`, or the catalog. */
const RECORDS: readonly (readonly [path: string, needs: Readonly<Record<string, string>>])[] = [
  ["/", { GET: "", HEAD: "", PUT: "" }],
  ["/_catalog", { GET: "catalog", HEAD: "catalog", PUT: "catalog" }],
  ["/a/b/tags/list", { GET: "pull", HEAD: "pull", PUT: "" }],
  ["/a/b/manifests/v1", {
    GET: "pull",
    HEAD: "pull",
    PUT: "pull push",
    DELETE: "delete",
    POST: "",
  }],
  [`/a/b/blobs/${DIGEST}`, { GET: "pull", HEAD: "pull", DELETE: "delete", PUT: "" }],
  ["/a/b/blobs/uploads/", { POST: "pull push", GET: "" }],
  ["/a/b/blobs/uploads/id", {
    GET: "pull",
    HEAD: "pull",
    POST: "pull push",
    PATCH: "pull push",
    PUT: "pull push",
    DELETE: "pull push",
  }],
  [`/a/b/referrers/${DIGEST}`, { GET: "pull", HEAD: "pull", DELETE: "" }],
  ["/a/b/_repository", { GET: "", DELETE: "delete" }],
];

function matchOf(path: string): RouteMatch {
  const match = matchRoute(ROUTES, path);
  if (match === undefined || "redirect" in match) throw new Error(`no route: ${path}`);
  return match;
}

Deno.test("accessRecords names the rights of every method of every route", () => {
  const seen = new Set<string>();
  for (const [path, methods] of RECORDS) {
    const match = matchOf(path);
    seen.add(match.route.name);
    for (const [method, expected] of Object.entries(methods)) {
      const operations: Route["operations"] = match.route.operations;
      const action = operations[method as keyof Route["operations"]]?.action;
      const records = accessRecords(match, action);
      const names = new Set(records.map(({ type, name }) => `${type} ${name}`));
      const needs = expected === "catalog" ? ["*"] : expected.split(" ").filter(Boolean);
      assertEquals(records.map((record) => record.action), needs, `${method} ${path}`);
      const resource = expected === "catalog" ? "registry catalog" : "repository a/b";
      assertEquals([...names], needs.length === 0 ? [] : [resource]);
    }
  }
  assertEquals([...seen].sort(), ROUTES.map(({ name }) => name).sort());
});

Deno.test("accessRecords refuses a route that names no repository and is neither base nor catalog", () => {
  const { route } = matchOf("/");
  const unnamed = { route: { ...route, name: "tags" }, repository: "", variable: "" } as const;
  const nameless = { ...matchOf("/a/tags/list"), repository: "" };

  for (const match of [unnamed, nameless]) {
    assertEquals(assertThrows(() => accessRecords(match, "pull"), AuthError).code, "unavailable");
  }
});

Deno.test("refusalOf tells clients what Distribution tells them", () => {
  const access = [{ type: "repository", name: "a", action: "pull" }] as const;
  const shown = [{ Type: "repository", Class: "", Name: "a", Action: "pull" }];
  const challenge = 'Basic realm="r"';
  const base = refusalOf(
    new AuthError("unauthorized", { reason: "credentials missing", challenge, access: [] }),
  );
  const known = refusalOf(
    new AuthError("unauthorized", { reason: "token invalid", challenge, access }),
  );
  const denied = refusalOf(new AuthError("denied", { reason: "not allowed", access }));
  const throttled = refusalOf(
    new AuthError("throttled", { reason: "too many failures", retryAfterSeconds: 3 }),
  );

  assertEquals(base?.entries, [{ code: "UNAUTHORIZED", detail: null }]);
  assertEquals(base?.headers, { "www-authenticate": challenge });
  assertEquals(known?.entries, [{ code: "UNAUTHORIZED", detail: shown }]);
  assertEquals([denied?.status, denied?.entries], [403, [{ code: "DENIED", detail: shown }]]);
  assertEquals([throttled?.status, throttled?.headers], [429, { "retry-after": "3" }]);
  assertEquals(refusalOf(new AuthError("unavailable", { message: "m" })), undefined);
});

/** A controller that decides as the test says. */
function deciding(authorize: AccessController["authorize"]): AccessController {
  return { authorize, close() {} };
}

Deno.test("authorize hands on the source of a mount, however it is spelt", async () => {
  const asked: (string | undefined)[] = [];
  const access = deciding(({ mountFrom }) => {
    asked.push(mountFrom);
    return { userName: "" };
  });
  const registry = new TestRegistry({ api: { access } });

  for (const query of ["", "?from=", "?from=x/y", "?fr%6fm=x", "?a=b"]) {
    await registry.send("POST", `/v2/a/blobs/uploads/${query}`);
  }
  await registry.send("GET", "/v2/_catalog?from=x");

  assertEquals(asked, [undefined, undefined, "x/y", "x", undefined, undefined]);
});

Deno.test("createApi writes the error document and the challenge of a refusal", async () => {
  const access = deciding(({ access }) => {
    const challenge = 'Basic realm="r"';
    throw new AuthError("unauthorized", { reason: "password wrong", challenge, access });
  });
  const { log, lines } = new LogRecorder();
  const registry = new TestRegistry({
    api: { access, log },
    settings: { headers: { "x-robots": "none" } },
  });

  const answer = await registry.send("GET", "/v2/a/manifests/v1");
  const base = await registry.send("GET", "/v2/");

  assertEquals([answer.status, answer.headers.get("www-authenticate")], [401, 'Basic realm="r"']);
  assertEquals(answer.headers.get("docker-distribution-api-version"), "registry/2.0");
  assertEquals(answer.headers.get("x-robots"), "none");
  assertEquals(
    await answer.text(),
    '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required",' +
      '"detail":[{"Type":"repository","Class":"","Name":"a","Action":"pull"}]}]}\n',
  );
  assertEquals(
    await base.text(),
    '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}\n',
  );
  const warning = lines.find(({ level }) => level === "warning");
  assertEquals(warning?.properties["auth.failure"], "password wrong");
});

Deno.test("createApi answers a failure of the controller with nothing but 400, and logs it", async () => {
  for (
    const error of [new Error("a bug"), new AuthError("unavailable", { message: "a bug" })]
  ) {
    const { log, lines } = new LogRecorder();
    const registry = new TestRegistry({
      api: {
        log,
        access: deciding(() => {
          throw error;
        }),
      },
    });

    const answer = await registry.send("GET", "/v2/a/manifests/v1");

    assertEquals([answer.status, await answer.text()], [400, ""]);
    const logged = lines.find(({ level }) => level === "error");
    assertEquals(logged?.properties["err.message"], "a bug");
  }
});

Deno.test("createApi tells handlers and the log who asks", async () => {
  const { log, lines } = new LogRecorder();
  const access = deciding(() => Promise.resolve({ userName: "alice" }));
  const registry = new TestRegistry({ api: { access, log } });

  const answer = await registry.send("GET", "/v2/");

  assertEquals(answer.status, 200);
  assertEquals(lines.map(({ properties }) => properties["auth.user.name"]), ["alice"]);
});

Deno.test("createApi asks before it says which methods there are", async () => {
  const access = deciding(({ access }) => {
    throw new AuthError("denied", { reason: "not allowed", access });
  });
  const registry = new TestRegistry({ api: { access } });

  for (const method of ["OPTIONS", "PUT", "PROPFIND"]) {
    assertEquals((await registry.send(method, "/v2/a/tags/list")).status, 403, method);
  }
});

Deno.test("createApi mounts nothing from where a caller may not read", async () => {
  const grant = { userName: "bob", mayPull: (name: string) => name === "open" };
  let isLimited = false;
  const access = deciding(() => isLimited ? grant : { userName: "admin" });
  const registry = new TestRegistry({ api: { access } });
  const digest = await registry.pushBlob("secret", "a secret");
  await registry.pushBlob("open", "in the open");
  isLimited = true;

  const statusOf = async (query: string) => {
    const answer = await registry.send("POST", `/v2/mine/blobs/uploads/?mount=${query}`);
    return [answer.status, await answer.text()];
  };
  const openDigest = await registry.pushBlob("open", "in the open");
  assertEquals(await statusOf(`${openDigest}&from=open`), [201, ""]);
  const unknown = await statusOf(`${DIGEST}&from=open`);
  assertEquals(unknown, [202, ""]);
  assertEquals(await statusOf(`${digest}&from=secret`), unknown);
  assertEquals(await statusOf(digest), unknown);
});

Deno.test("createApi takes the source of a mount from the query alone", async () => {
  const asked: (string | undefined)[] = [];
  const access = deciding(({ mountFrom }) => {
    asked.push(mountFrom);
    return { userName: "bob" };
  });
  const registry = new TestRegistry({ api: { access } });
  const digest = await registry.pushBlob("open", "in the open");
  asked.length = 0;

  const body = `mount=${digest}&from=open`;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await registry.send("POST", "/v2/mine/blobs/uploads/", { headers, body });

  assertEquals(answer.status, 202);
  assertEquals(asked, [undefined]);
});

Deno.test("createApi answers the pages of the controller, below the prefix", async () => {
  const access: AccessController = {
    ...deciding(() => ({ userName: "" })),
    pages: new Map([["/auth/token", ({ origin }) => Promise.resolve(new Response(origin()))]]),
  };
  const registry = new TestRegistry({ api: { access }, settings: { prefix: "/x/" } });

  const page = await registry.send("GET", "/x/auth/token");

  assertEquals(await page.text(), "http://registry.test/x");
  for (const path of ["/auth/token", "/x/auth/other", "/x/auth/token/"]) {
    assertEquals((await registry.send("GET", path)).status, 404, path);
  }
});
