/**
 * Who may do what, as a table: every method of every route, with every controller, with no, wrong,
 * too small and sufficient credentials, also while the registry is read-only or may not delete.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { hashSync } from "bcryptjs";
import { matchRoute } from "../../src/api/route_match.ts";
import { ROUTES } from "../../src/api/routes.ts";
import type { AccessController } from "../../src/auth/controller.ts";
import { createHtpasswdController } from "../../src/auth/htpasswd.ts";
import { PasswordChecker } from "../../src/auth/password_checker.ts";
import { createSillyController } from "../../src/auth/silly.ts";
import { createTokenController } from "../../src/auth/token.ts";
import { TokenVerifier } from "../../src/auth/token_verifier.ts";
import { WatchedFile } from "../../src/auth/watched_file.ts";
import { parseHtpasswd } from "../../src/auth/htpasswd_file.ts";
import { PasswordThread } from "../../src/auth/password_thread.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { NOW_MS } from "../auth/_certificates.ts";
import { LogRecorder } from "../auth/_log.ts";
import { basic } from "../auth/_requests.ts";
import { StowageScene, USERS } from "../auth/_stowage.ts";
import { GOOD_CLAIMS, ISSUER, namedKey, SERVICE, signToken } from "../auth/_tokens.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { TestRegistry } from "./_registry.ts";

const NAME = "team/alice/app";
const UPLOAD = "0190a0a0-0000-7000-8000-000000000000";

/** What a row needs: rights to the repository, the catalog, or just somebody who has signed in. */
type Needs = "" | "catalog" | "pull" | "pull,push" | "delete";

/** Method, path below `/v2/`, needs, and the status then: usually, read-only, without deletes. */
type Row = readonly [string, string, Needs, usual: number, readOnly?: number, noDelete?: number];

/** `:image`, `:layer` stand for digests. */
const ROWS: readonly Row[] = [
  ["GET", "", "", 200],
  ["HEAD", "", "", 200],
  ["OPTIONS", "", "", 200],
  ["POST", "", "", 405],
  ["GET", "_catalog", "catalog", 200],
  ["HEAD", "_catalog", "catalog", 200],
  ["PUT", "_catalog", "catalog", 405],
  ["GET", `${NAME}/tags/list`, "pull", 200],
  ["HEAD", `${NAME}/tags/list`, "pull", 200],
  ["DELETE", `${NAME}/tags/list`, "", 405],
  ["OPTIONS", `${NAME}/tags/list`, "", 200],
  ["GET", `${NAME}/manifests/v1`, "pull", 200],
  ["HEAD", `${NAME}/manifests/v1`, "pull", 200],
  ["PUT", `${NAME}/manifests/v1`, "pull,push", 400, 405],
  ["DELETE", `${NAME}/manifests/v1`, "delete", 202, 405, 405],
  ["DELETE", `${NAME}/manifests/:image`, "delete", 202, 405, 405],
  ["PATCH", `${NAME}/manifests/v1`, "", 405],
  ["GET", `${NAME}/blobs/:layer`, "pull", 200],
  ["HEAD", `${NAME}/blobs/:layer`, "pull", 200],
  ["DELETE", `${NAME}/blobs/:layer`, "delete", 202, 405, 405],
  ["DELETE", `${NAME}/_repository`, "delete", 202, 405, 405],
  ["PUT", `${NAME}/blobs/:layer`, "", 405],
  ["POST", `${NAME}/blobs/uploads/`, "pull,push", 202, 405],
  ["GET", `${NAME}/blobs/uploads/`, "", 405],
  ["GET", `${NAME}/blobs/uploads/${UPLOAD}`, "pull", 404],
  ["HEAD", `${NAME}/blobs/uploads/${UPLOAD}`, "pull", 404],
  ["POST", `${NAME}/blobs/uploads/${UPLOAD}`, "pull,push", 202, 405],
  ["PATCH", `${NAME}/blobs/uploads/${UPLOAD}`, "pull,push", 404, 405],
  ["PUT", `${NAME}/blobs/uploads/${UPLOAD}`, "pull,push", 404, 405],
  ["DELETE", `${NAME}/blobs/uploads/${UPLOAD}`, "pull,push", 404, 405],
  ["GET", `${NAME}/referrers/:image`, "pull", 200],
  ["HEAD", `${NAME}/referrers/:image`, "pull", 200],
  ["PUT", `${NAME}/referrers/:image`, "", 405],
];

type Mode = "usual" | "read-only" | "no delete";

/** The headers that stand for each kind of credentials; `undefined` where there is no such kind. */
interface Credentials {
  readonly wrong: string | undefined;
  /** A caller who is known, and has some right elsewhere. */
  readonly small: { readonly authorization: string; readonly status: 401 | 403 } | undefined;
  sufficient(needs: Needs): Promise<string>;
  /** Whether the catalog is for whoever has signed in. */
  readonly isCatalogOpen: boolean;
}

interface Subject extends Credentials, AsyncDisposable {
  readonly access: AccessController;
}

function silly(): Promise<Subject> {
  const access = createSillyController({ realm: "r", service: "s" });
  const none = { wrong: undefined, small: undefined, isCatalogOpen: true };
  const sufficient = () => Promise.resolve("anything");
  return Promise.resolve({ ...none, access, sufficient, [Symbol.asyncDispose]: doNothing });
}

async function htpasswd(): Promise<Subject> {
  const temp = await TempFolder.make();
  const path = await temp.write("users", `alice:${hashSync("secret", 4)}\n`);
  const timers = new ManualTimers(NOW_MS);
  const users = new WatchedFile(path, { parse: parseHtpasswd, clock: timers });
  const comparer = new PasswordThread({ log: new LogRecorder().log });
  const passwords = new PasswordChecker({ comparer, clock: timers, timers });
  // Every wrong attempt counts as the first one.
  const access = createHtpasswdController({ realm: "r", users, passwords });
  return {
    access,
    wrong: "Basic x",
    small: undefined,
    isCatalogOpen: true,
    sufficient: () => Promise.resolve(basic("alice", "secret")),
    async [Symbol.asyncDispose]() {
      access.close();
      await temp[Symbol.asyncDispose]();
    },
  };
}

async function token(): Promise<Subject> {
  const key = await namedKey("k");
  const forger = await namedKey("k");
  const verifier = new TokenVerifier({
    issuer: ISSUER,
    audience: SERVICE,
    algorithms: ["ES256"],
    clock: new ManualTimers(NOW_MS),
    findKey: () => Promise.resolve(key.publicKey),
  });
  const bearer = async (needs: Needs, signer = key) => {
    const access = needs === "catalog"
      ? [{ type: "registry", name: "catalog", actions: ["*"] }]
      : [{ type: "repository", name: NAME, actions: needs.split(",") }];
    return `Bearer ${await signToken({ ...GOOD_CLAIMS, access }, { key: signer.privateKey })}`;
  };
  return {
    access: createTokenController({ realm: "r", service: SERVICE, verifier }),
    wrong: await bearer("pull,push", forger),
    small: { authorization: await bearer(""), status: 401 },
    isCatalogOpen: false,
    sufficient: bearer,
    [Symbol.asyncDispose]: doNothing,
  };
}

async function stowageToken(): Promise<Subject> {
  const scene = await StowageScene.make();
  const scope = (needs: Needs) =>
    needs === "catalog" ? "registry:catalog:*" : `repository:${NAME}:${needs}`;
  return {
    access: scene.controller,
    wrong: "Bearer a.b.c",
    small: {
      authorization: await scene.bearer("bob", "repository:team/bob/app:pull,push"),
      status: 401,
    },
    isCatalogOpen: false,
    sufficient: (needs) => scene.bearer("root", scope(needs)),
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

async function stowagePassword(): Promise<Subject> {
  const scene = await StowageScene.make();
  return {
    access: scene.controller,
    wrong: "Basic x",
    small: { authorization: basic("bob", USERS.bob), status: 403 },
    isCatalogOpen: true,
    sufficient: () => Promise.resolve(basic("root", USERS.root)),
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

const SUBJECTS = { silly, htpasswd, token, stowageToken, stowagePassword };

async function doNothing(): Promise<void> {}

function expected([, , , usual, readOnly = usual, noDelete = usual]: Row, mode: Mode): number {
  return { "usual": usual, "read-only": readOnly, "no delete": noDelete }[mode];
}

/** What a row needs in a mode: a method that is not there needs nothing but somebody. */
function needsIn([method, path, needs]: Row, mode: Mode): Needs {
  const isGone = mode === "read-only" && (needs === "pull,push" || needs === "delete");
  return isGone && method !== "GET" && path !== "" ? "" : needs;
}

/** The status of a row's request, on a registry of its own that holds one image. */
async function statusOf(
  [method, path]: Row,
  { access, authorization, mode }: {
    readonly access: AccessController;
    readonly authorization: string | undefined;
    readonly mode: Mode;
  },
): Promise<number> {
  const driver = guardDriver(new InMemoryDriver());
  const image = await new TestRegistry({ driver }).pushImage(NAME, { reference: "v1" });
  const registry = new TestRegistry({
    driver,
    api: { access },
    settings: { readOnly: mode === "read-only" },
    store: { deleteEnabled: mode !== "no delete" },
  });
  const url = `/v2/${path.replace(":image", image.digest).replace(":layer", image.layer)}`;
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const response = await registry.send(method, url, { headers });
  await response.body?.cancel();
  const challenged = response.headers.has("www-authenticate");
  assertEquals(challenged, response.status === 401, `${method} ${path}: challenge`);
  return response.status;
}

for (const [name, makeSubject] of Object.entries(SUBJECTS)) {
  for (const mode of ["usual", "read-only", "no delete"] as const) {
    Deno.test(`access with ${name}, ${mode}`, async () => {
      await using subject = await makeSubject();
      const { access, wrong, small, isCatalogOpen } = subject;
      for (const row of ROWS) {
        const what = `${row[0]} ${row[1]}`;
        const needs = needsIn(row, mode);
        const status = (authorization: string | undefined) =>
          statusOf(row, { access, authorization, mode });
        assertEquals(await status(undefined), 401, `${what}: nothing`);
        if (wrong !== undefined) assertEquals(await status(wrong), 401, `${what}: wrong`);
        const sufficient = await subject.sufficient(needs);
        assertEquals(await status(sufficient), expected(row, mode), `${what}: sufficient`);
        if (small === undefined) continue;
        const isEnough = needs === "" || needs === "catalog" && isCatalogOpen;
        const forSmall = isEnough ? expected(row, mode) : small.status;
        assertEquals(await status(small.authorization), forSmall, `${what}: too small`);
      }
    });
  }
}

Deno.test("the table has every method of every route", () => {
  const inTable = new Set(ROWS.map(([method, path]) => {
    const match = matchRoute(ROUTES, `/${path.replace(/:(?:image|layer)/, EMPTY_DIGEST)}`);
    return match !== undefined && "route" in match ? `${method} ${match.route.name}` : path;
  }));
  for (const { name, operations } of ROUTES) {
    for (const method of Object.keys(operations)) {
      assertEquals(inTable.has(`${method} ${name}`), true, `${method} ${name}`);
    }
  }
});

Deno.test("access without a controller is for everybody", async () => {
  const everybody: AccessController = { authorize: () => ({ userName: "" }), close() {} };
  for (const mode of ["usual", "read-only", "no delete"] as const) {
    for (const row of ROWS) {
      const status = await statusOf(row, { access: everybody, authorization: undefined, mode });
      assertEquals(status, expected(row, mode), `${row[0]} ${row[1]}`);
    }
  }
});
