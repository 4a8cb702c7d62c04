/**
 * What registries have been broken by before: each way in must lead nowhere.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { basic } from "../auth/_requests.ts";
import { accessFile, StowageScene, USERS } from "../auth/_stowage.ts";
import type { RegistryStore } from "../../src/storage/store.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { TestRegistry } from "./_registry.ts";

const BOB = basic("bob", USERS.bob);
const ROOT = basic("root", USERS.root);

/** A registry behind the token service, with images of several owners. */
async function setUp() {
  const scene = await StowageScene.make();
  const driver = guardDriver(new InMemoryDriver());
  const seeds = new TestRegistry({ driver });
  for (const name of ["public/one", "public/two", "team/alice/app", "team/bob/app", "secret"]) {
    await seeds.pushImage(name, { reference: "v1", layer: `layer of ${name}` });
  }
  const registry = new TestRegistry({ driver, api: { access: scene.controller } });
  return { scene, registry, seeds, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
}

async function catalog(registry: TestRegistry, authorization: string, query = "") {
  const answer = await registry.send("GET", `/v2/_catalog${query}`, { headers: { authorization } });
  return { names: (await answer.json()).repositories, link: answer.headers.get("link") };
}

Deno.test("the catalog shows nobody what they may not pull", async () => {
  await using hole = await setUp();
  const { registry, scene } = hole;
  const anonymous = await scene.bearer("", "registry:catalog:*");
  const bob = await scene.bearer("bob", "registry:catalog:*");
  const open = ["public/one", "public/two"];

  assertEquals((await catalog(registry, anonymous)).names, open);
  assertEquals((await catalog(registry, bob)).names, [...open, "team/bob/app"]);
  assertEquals((await catalog(registry, BOB)).names, [...open, "team/bob/app"]);
  assertEquals((await catalog(registry, ROOT)).names.length, 5);
  // Neither a page that is too short nor its link tells of what is left out.
  const page = await catalog(registry, BOB, "?n=2");
  assertEquals([page.names, page.link], [open, '</v2/_catalog?last=public%2Ftwo&n=2>; rel="next"']);
  const last = await catalog(registry, BOB, "?n=2&last=public/two");
  assertEquals([last.names, last.link], [["team/bob/app"], null]);
  assertEquals((await registry.send("GET", "/v2/_catalog")).status, 401);
});

Deno.test("what is private and what does not exist look alike", async () => {
  await using hole = await setUp();
  const { registry, scene } = hole;
  const bearer = await scene.bearer("bob", "repository:team/bob/app:pull");
  const requests = [
    ["GET", "tags/list"],
    ["GET", "manifests/v1"],
    ["HEAD", "manifests/v1"],
    ["PUT", "manifests/v1"],
    ["DELETE", "manifests/v1"],
    ["POST", "blobs/uploads/"],
  ] as const;
  for (const headers of [{}, { authorization: BOB }, { authorization: bearer }]) {
    for (const [method, path] of requests) {
      const [hidden, missing] = await Promise.all(["secret", "absent"].map(async (name) => {
        const answer = await registry.send(method, `/v2/${name}/${path}`, { headers });
        const shown = [await answer.text(), JSON.stringify([...answer.headers])];
        return [answer.status, ...shown.map((text) => text.replaceAll(name, "NAME"))];
      }));
      assert([401, 403].includes(Number(hidden?.[0])), `${method} ${path} ${hidden}`);
      const withoutLength = (parts: unknown) => String(parts).replace(/"content-length","\d+"/, "");
      assertEquals(withoutLength(hidden), withoutLength(missing), `${method} ${path}`);
    }
  }
});

Deno.test("whoever is refused makes nobody look into the storage, so no time tells anything", async () => {
  await using hole = await setUp();
  const untouchable = new Proxy({}, {
    get(_, part) {
      throw new Error(`looked into "${String(part)}"`);
    },
  }) as RegistryStore;
  const registry = new TestRegistry({
    api: { access: hole.scene.controller, store: untouchable },
  });

  for (const authorization of [BOB, basic("bob", "wrong"), "Bearer a.b.c"]) {
    const headers = { authorization };
    for (const path of ["secret/tags/list", "secret/manifests/v1", "absent/manifests/v1"]) {
      const answer = await registry.send("GET", `/v2/${path}`, { headers });
      assert([401, 403].includes(answer.status), path);
    }
  }
});

Deno.test("a mount from where the caller may not read answers as an unknown blob", async () => {
  await using hole = await setUp();
  const { registry, seeds, scene } = hole;
  const secret = await seeds.pushBlob("secret", "a secret");
  const shared = await seeds.pushBlob("public/one", "in the open");
  const scope = "repository:team/bob/app:pull,push";
  const bearer = await scene.bearer("bob", scope, "repository:public/one:pull");
  const mount = async (authorization: string, query: string) => {
    const path = `/v2/team/bob/app/blobs/uploads/?${query}`;
    const answer = await registry.send("POST", path, { headers: { authorization } });
    return [answer.status, answer.headers.has("docker-content-digest"), await answer.text()];
  };
  const unknown = `sha256:${"0".repeat(64)}`;

  for (const authorization of [BOB, bearer]) {
    const refused = await mount(authorization, `mount=${unknown}&from=public/one`);
    assertEquals(refused, [202, false, ""]);
    assertEquals(await mount(authorization, `mount=${secret}&from=secret`), refused);
    assertEquals(await mount(authorization, `mount=${secret}&fr%6fm=secret`), refused);
    assertEquals(await mount(authorization, `mount=${secret}`), refused);
    assertEquals(await mount(authorization, `mount=${shared}&from=public/one`), [201, true, ""]);
  }
  const headers = { authorization: BOB };
  const path = `/v2/team/bob/app/blobs/${secret}`;
  assertEquals((await registry.send("HEAD", path, { headers })).status, 404);
});

Deno.test("rights that were taken away are gone at the next request and from the next token", async () => {
  await using hole = await setUp();
  const { registry, scene } = hole;
  const scope = "repository:secret:pull";
  const old = await scene.bearer("root", scope);
  const pull = async (authorization: string) =>
    (await registry.send("GET", "/v2/secret/manifests/v1", { headers: { authorization } })).status;
  assertEquals([await pull(old), await pull(ROOT)], [200, 200]);

  // The user is in fewer groups than before.
  await scene.rewrite(accessFile("groups: { admins: [] }"));

  assertEquals([await pull(old), await pull(ROOT)], [401, 403]);
  assertEquals(await pull(await scene.bearer("root", scope)), 401);
});

Deno.test("a token for one repository is none for another that begins with its name", async () => {
  await using hole = await setUp();
  const { registry, scene } = hole;
  const authorization = await scene.bearer("root", "repository:team:pull", "repository:secre:pull");

  for (const path of ["secret/manifests/v1", "team/alice/app/manifests/v1", "secret/tags/list"]) {
    const answer = await registry.send("GET", `/v2/${path}`, { headers: { authorization } });
    assertEquals(answer.status, 401, path);
  }
});

Deno.test("a path that is spelt otherwise needs the same rights", async () => {
  await using hole = await setUp();
  const { registry } = hole;
  const headers = { authorization: BOB };
  const spellings = [
    "/v2/public/../secret/manifests/v1",
    "/v2/public/%2e%2e/secret/manifests/v1",
    "/v2//secret/manifests/v1",
    "/v2/%73ecret/manifests/v1",
    "/v2/public%2f..%2fsecret/manifests/v1",
    "/v2/secret%2Fmanifests/v1",
  ];
  for (const path of spellings) {
    const rawUrl = `http://registry.test${path}`;
    const answer = await registry.send("GET", path, { headers, rawUrl });
    assert([301, 400, 403, 404].includes(answer.status), `${path} ${answer.status}`);
    await answer.body?.cancel();
  }
});
