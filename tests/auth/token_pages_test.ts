import { assert, assertEquals, assertRejects } from "@std/assert";
import { decodeJwt } from "jose";
import { hashSync } from "bcryptjs";
import { AuthError } from "../../src/auth/errors.ts";
import { basic } from "./_requests.ts";
import { accessFile, RULES, StowageScene, USERS } from "./_stowage.ts";

const ALICE = { authorization: basic("alice", USERS.alice) };

function form(fields: Readonly<Record<string, string>>): RequestInit {
  return { method: "POST", body: new URLSearchParams({ ...fields }) };
}

Deno.test("the token page gives users tokens for what they may do of what they ask", async () => {
  await using scene = await StowageScene.make();
  const query =
    "service=svc&scope=repository:team/alice/a:pull,push,delete&scope=repository:secret:pull";

  const response = await scene.page(`/auth/token?${query}`, { headers: ALICE });

  assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
  const answer = await response.json();
  assertEquals(
    [answer.token === answer.access_token, answer.expires_in, answer.token_type],
    [true, 300, "Bearer"],
  );
  assertEquals(answer.issued_at, new Date(1_000_000_000_000).toISOString());
  assertEquals(answer.scope, "repository:team/alice/a:pull,push");
  assertEquals("refresh_token" in answer, false);
  const { sub, access } = decodeJwt(answer.token);
  assertEquals([sub, access], ["alice", [{
    type: "repository",
    name: "team/alice/a",
    actions: ["pull", "push"],
  }]]);
});

Deno.test("the token page gives somebody unknown a token for what everybody may", async () => {
  await using scene = await StowageScene.make();

  const token = await scene.token("", "repository:public/a:pull,push", "repository:b:pull");

  const { sub, access } = decodeJwt(token);
  assertEquals([sub, access], ["", [{ type: "repository", name: "public/a", actions: ["pull"] }]]);
});

Deno.test("the token page refuses wrong passwords, with any method, and asks for Basic", async () => {
  await using scene = await StowageScene.make();
  const attempts: readonly RequestInit[] = [
    { headers: { authorization: basic("alice", "wrong") } },
    { headers: { authorization: basic("nobody", "x") } },
    { headers: { authorization: "Bearer x" } },
    form({ grant_type: "password", username: "alice", password: "wrong" }),
    form({ grant_type: "password" }),
    form({ grant_type: "refresh_token", refresh_token: "x" }),
  ];
  for (const init of attempts) {
    const error: AuthError = await assertRejects(() => scene.page("/auth/token", init), AuthError);
    assertEquals(error.code, "unauthorized");
    assert("challenge" in error.detail && error.detail.challenge === 'Basic realm="svc"');
  }
});

Deno.test("the token page gives new tokens for a refresh token, until the password changes", async () => {
  await using scene = await StowageScene.make();
  const login = form({
    grant_type: "password",
    username: "alice",
    password: USERS.alice,
    access_type: "offline",
    scope: "repository:team/alice/a:pull repository:public/b:push",
  });
  const first = await (await scene.page("/auth/token", login)).json();
  const refresh = form({
    grant_type: "refresh_token",
    refresh_token: first.refresh_token,
    scope: "repository:team/alice/b:push",
  });

  const second = await (await scene.page("/auth/token", refresh)).json();
  assertEquals(first.scope, "repository:team/alice/a:pull repository:public/b:push");
  assertEquals(second.scope, "repository:team/alice/b:push");
  assertEquals(second.refresh_token, first.refresh_token);

  await scene.rewrite(accessFile(RULES.replaceAll("{user}", "bob")));
  assertEquals((await (await scene.page("/auth/token", refresh)).json()).scope, "");
  await scene.rewrite(accessFile(RULES, [`alice: "${hashSync("new", 4)}"`]));
  await assertRejects(() => scene.page("/auth/token", refresh), AuthError);
});

Deno.test("the token page gives a refresh token with a query, too, but to users alone", async () => {
  await using scene = await StowageScene.make();
  const ask = async (headers: HeadersInit) =>
    await (await scene.page("/auth/token?offline_token=true", { headers })).json();

  assertEquals(typeof (await ask(ALICE)).refresh_token, "string");
  assertEquals("refresh_token" in await ask({}), false);
});

Deno.test("a refresh token is no token", async () => {
  await using scene = await StowageScene.make();
  const answer = await (await scene.page("/auth/token?offline_token=true", { headers: ALICE }))
    .json();
  const headers = { authorization: `Bearer ${answer.refresh_token}` };

  await assertRejects(
    () =>
      Promise.resolve(scene.controller.authorize({
        request: new Request("http://registry.test/v2/", { headers }),
        client: { address: "203.0.113.1" },
        access: [],
        origin: () => "",
      })),
    AuthError,
  );
});

Deno.test("the token page refuses forms that make no sense", async () => {
  await using scene = await StowageScene.make();
  const text = { "content-type": "text/plain" };
  const scopes = Array.from({ length: 101 }, () => "repository:a:pull").join(" ");
  const cases: readonly (readonly [RequestInit, string])[] = [
    [{ method: "POST" }, "invalid_request"],
    [{ method: "POST", body: "grant_type=password", headers: text }, "invalid_request"],
    [form({ grant_type: "password", password: "x".repeat(300_000) }), "invalid_request"],
    [form({ grant_type: "other" }), "unsupported_grant_type"],
    [form({}), "unsupported_grant_type"],
    [
      form({ grant_type: "password", username: "alice", password: USERS.alice, scope: scopes }),
      "invalid_scope",
    ],
  ];
  for (const [init, error] of cases) {
    const response = await scene.page("/auth/token", init);
    assertEquals([response.status, (await response.json()).error], [400, error]);
  }
  for (const method of ["PUT", "DELETE", "HEAD", "OPTIONS"]) {
    const response = await scene.page("/auth/token", { method });
    assertEquals([response.status, response.headers.get("allow")], [405, "GET, POST"], method);
  }
});

Deno.test("the page of keys shows public halves alone", async () => {
  await using scene = await StowageScene.make();

  const response = await scene.page("/auth/keys");
  const { keys: [key] } = await response.json();
  const refused = await scene.page("/auth/keys", { method: "POST" });

  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(Object.keys(key).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
  assertEquals([refused.status, refused.headers.get("allow")], [405, "GET"]);
});
