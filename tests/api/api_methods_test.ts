import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import type { StorageDriver } from "../../src/drivers/driver.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { codesOf } from "./_attacks.ts";
import { OCI_MANIFEST, type Send, TestRegistry, withQuery } from "./_registry.ts";

/** The ways a registry may be set up, in the order of the columns below. */
const MODES = [
  { name: "writable, deleting on", readOnly: false, deleteEnabled: true },
  { name: "writable, deleting off", readOnly: false, deleteEnabled: false },
  { name: "read-only, deleting on", readOnly: true, deleteEnabled: true },
  { name: "read-only, deleting off", readOnly: true, deleteEnabled: false },
] as const;

type Statuses = readonly [number, number, number, number];

/** Answered the same in every mode. */
function always(status: number): Statuses {
  return [status, status, status, status];
}

/** A push: refused while the registry is read-only. */
function push(status: number): Statuses {
  return [status, status, 405, 405];
}

/** A deletion: refused as well where deleting is off. */
function deletion(status: number): Statuses {
  return [status, 405, 405, 405];
}

const NEW_BLOB = toBytes("a new blob");

/** What there is when a request comes. */
interface Scene {
  readonly driver: StorageDriver;
  readonly manifest: string;
  readonly blob: string;
  readonly upload: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A kind of address: where it is, and what each method comes to in each mode; any other is 405. */
interface Row {
  readonly route: string;
  readonly path: (scene: Scene) => string;
  readonly methods: Readonly<Record<string, Statuses>>;
  /** The methods that are named in the writable and in the read-only modes. */
  readonly allow: readonly [string, string];
}

const PULLS = { GET: always(200), HEAD: always(200) };
const MANIFEST_METHODS = { ...PULLS, PUT: push(201), DELETE: deletion(202) };

const ROWS: readonly Row[] = [
  { route: "base", path: () => "/v2/", methods: PULLS, allow: ["GET, HEAD", "GET, HEAD"] },
  {
    route: "catalog",
    path: () => "/v2/_catalog",
    methods: PULLS,
    allow: ["GET, HEAD", "GET, HEAD"],
  },
  {
    route: "tags",
    path: () => "/v2/foo/tags/list",
    methods: PULLS,
    allow: ["GET, HEAD", "GET, HEAD"],
  },
  {
    route: "manifest by tag",
    path: () => "/v2/foo/manifests/v1",
    methods: MANIFEST_METHODS,
    allow: ["DELETE, GET, HEAD, PUT", "GET, HEAD"],
  },
  {
    route: "manifest by digest",
    path: ({ manifest }) => `/v2/foo/manifests/${manifest}`,
    methods: MANIFEST_METHODS,
    allow: ["DELETE, GET, HEAD, PUT", "GET, HEAD"],
  },
  {
    route: "manifest by digest, with tags",
    path: ({ manifest }) => `/v2/foo/manifests/${manifest}?tag=v2`,
    methods: MANIFEST_METHODS,
    allow: ["DELETE, GET, HEAD, PUT", "GET, HEAD"],
  },
  {
    route: "blob",
    path: ({ blob }) => `/v2/foo/blobs/${blob}`,
    methods: { ...PULLS, DELETE: deletion(202) },
    allow: ["DELETE, GET, HEAD", "GET, HEAD"],
  },
  {
    route: "blob_upload",
    path: () => "/v2/foo/blobs/uploads/",
    methods: { POST: push(202) },
    allow: ["POST", ""],
  },
  {
    route: "blob_upload, all at once",
    path: () => `/v2/foo/blobs/uploads/?digest=${digestBytes(NEW_BLOB)}`,
    methods: { POST: push(201) },
    allow: ["POST", ""],
  },
  {
    route: "blob_upload, mounting",
    path: ({ blob }) => `/v2/bar/blobs/uploads/?mount=${blob}&from=foo`,
    methods: { POST: push(201) },
    allow: ["POST", ""],
  },
  {
    route: "blob_upload_chunk",
    path: ({ upload }) => withQuery(upload, { digest: digestBytes(NEW_BLOB) }),
    methods: {
      GET: always(204),
      HEAD: always(204),
      POST: push(201),
      PATCH: push(202),
      PUT: push(201),
      DELETE: push(204),
    },
    allow: ["DELETE, GET, HEAD, PATCH, POST, PUT", "GET, HEAD"],
  },
  {
    route: "referrers",
    path: ({ manifest }) => `/v2/foo/referrers/${manifest}`,
    methods: PULLS,
    allow: ["GET, HEAD", "GET, HEAD"],
  },
];

const METHODS = [
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  // Others that servers have been known to take for the above.
  ...["PROPFIND", "COPY", "MOVE", "PURGE", "DELETES", "constructor"],
];

/** An image, a tag and an upload that has begun, in a registry that takes everything. */
async function setUp(): Promise<Scene> {
  const driver = guardDriver(new InMemoryDriver());
  const registry = new TestRegistry({ driver });
  const image = await registry.pushImage("foo", { reference: "v1" });
  const upload = new URL(await registry.startUpload("foo")).pathname;
  return { driver, manifest: image.digest, blob: image.layer, upload, bytes: image.bytes };
}

/** Every file with its content, save what the registry notes down for itself. */
async function filesOf(driver: StorageDriver): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { path, isDirectory } of driver.walk("/")) {
    if (isDirectory || path.includes("/_referrers/")) continue;
    files[path] = new TextDecoder().decode(await driver.getContent(path));
  }
  return files;
}

/** What a client that means it sends along. */
function contentFor(route: string, { method, scene }: { method: string; scene: Scene }): Send {
  if (method === "GET" || method === "HEAD") return {};
  if (route.startsWith("manifest")) {
    return { headers: { "content-type": OCI_MANIFEST }, body: scene.bytes };
  }
  return method === "DELETE" || method === "OPTIONS" ? {} : { body: NEW_BLOB };
}

for (const [column, { name, readOnly, deleteEnabled }] of MODES.entries()) {
  for (const { route, path, methods, allow } of ROWS) {
    Deno.test(`createApi, ${name}: ${route} takes the methods it should, and no others`, async () => {
      let unchanged: Scene | undefined;
      for (const method of METHODS) {
        const scene = unchanged ?? await setUp();
        const before = await filesOf(scene.driver);
        const registry = new TestRegistry({
          driver: scene.driver,
          settings: { readOnly },
          store: { deleteEnabled },
        });

        const content = contentFor(route, { method, scene });
        const answer = await registry.send(method, path(scene), content);
        const text = await answer.text();

        const expected = method === "OPTIONS" ? 200 : methods[method]?.[column] ?? 405;
        assertEquals(answer.status, expected, `${method}: ${text}`);
        if (expected === 405 && method !== "HEAD") {
          assertEquals(codesOf(answer, text), ["UNSUPPORTED"]);
        }
        // A method that is switched off in the store is there, and refuses.
        const isSwitchedOff = !readOnly && methods[method] !== undefined;
        if ((expected === 405 && !isSwitchedOff) || method === "OPTIONS") {
          assertEquals(answer.headers.get("allow"), allow[readOnly ? 1 : 0], method);
        }
        const isRefused = readOnly || expected === 405 || ["GET", "HEAD"].includes(method);
        if (isRefused) assertEquals(await filesOf(scene.driver), before, method);
        unchanged = isRefused ? scene : undefined;
      }
    });
  }
}

Deno.test("createApi, read-only: no spelling of a path leads around it", async () => {
  const scene = await setUp();
  const before = await filesOf(scene.driver);
  const { driver } = scene;
  const registry = new TestRegistry({ driver, settings: { readOnly: true } });
  const paths = [
    "/v2/foo/manifests/%76%31",
    "/v2/foo%2Fmanifests/v1",
    "/v2/foo/manifests/v1/",
    "/v2//foo/manifests/v1",
    "/v2/./foo/manifests/v1",
    "/v2/bar/../foo/manifests/v1",
    "//v2/foo/manifests/v1",
    "/v2/foo/manifests/v1?x=/",
    "/V2/foo/manifests/v1",
    `/v2/foo/manifests/${scene.manifest.replace(":", "%3A")}`,
  ];

  for (const path of paths) {
    for (const method of ["PUT", "DELETE", "Delete", "put"]) {
      const answer = await registry.send(method, "/", {
        rawUrl: `http://registry.test${path}`,
        headers: {
          "content-type": OCI_MANIFEST,
          "x-http-method-override": "DELETE",
          "x-original-url": "/v2/foo/manifests/v1",
        },
        ...method.toUpperCase() === "PUT" ? { body: scene.bytes } : {},
      });
      assert([301, 404, 405].includes(answer.status), `${method} ${path}: ${answer.status}`);
      assertEquals(await filesOf(driver), before);
    }
  }
});
