import { assertEquals } from "@std/assert";
import { hashSync } from "bcryptjs";
import { asking, basic, refusal, right } from "./_requests.ts";
import { accessFile, RULES, StowageScene, USERS } from "./_stowage.ts";

const ALICE = basic("alice", USERS.alice);
const CATALOG = [{ type: "registry", name: "catalog", action: "*" }] as const;
const CHALLENGE = 'Bearer realm="http://registry.test/auth/token",service="svc"';

Deno.test("StowageController asks whoever says nothing to sign in, at the base and for the catalog", async () => {
  await using scene = await StowageScene.make();

  assertEquals((await refusal(scene.controller, asking())).challenge, CHALLENGE);
  assertEquals(
    (await refusal(scene.controller, asking({ access: CATALOG }))).challenge,
    `${CHALLENGE},scope="registry:catalog:*"`,
  );
});

Deno.test("StowageController lets everybody do what everybody may, without a token", async () => {
  await using scene = await StowageScene.make();
  const pull = (name: string) => asking({ access: [right(name, "pull")] });

  const grant = await scene.controller.authorize(pull("public/a"));
  assertEquals([grant.userName, grant.mayPull?.("public/b"), grant.mayPull?.("secret")], [
    "",
    true,
    false,
  ]);
  const secret = await refusal(scene.controller, pull("secret"));
  assertEquals(secret.challenge, `${CHALLENGE},scope="repository:secret:pull"`);
});

Deno.test("StowageController takes names and passwords, and tells what they may not do", async () => {
  await using scene = await StowageScene.make();
  const push = (name: string) => [right(name, "pull"), right(name, "push")];
  const asked = asking({ authorization: ALICE, access: push("team/alice/app") });

  assertEquals((await scene.controller.authorize(asked)).userName, "alice");
  // The second time nothing has to be waited for.
  assertEquals("userName" in scene.controller.authorize(asked), true);
  const denied = await refusal(
    scene.controller,
    asking({ authorization: ALICE, access: push("team/bob/app") }),
  );
  assertEquals([denied.code, denied.access], ["denied", push("team/bob/app")]);
  const cases = [
    ["Basic", "credentials malformed"],
    [basic("alice", "wrong"), "password wrong"],
    [basic("nobody", "wrong"), "user unknown"],
  ] as const;
  for (const [authorization, reason] of cases) {
    const refused = await refusal(scene.controller, asking({ authorization }));
    assertEquals([refused.code, refused.reason, refused.challenge], [
      "unauthorized",
      reason,
      CHALLENGE,
    ]);
  }
});

Deno.test("StowageController grants with a token what the token gives, and no more", async () => {
  await using scene = await StowageScene.make();
  const authorization = await scene.bearer("root", "repository:a:pull", "repository:b:pull");
  const asked = asking({ authorization, access: [right("a", "pull")] });

  const grant = await scene.controller.authorize(asked);
  assertEquals(["a", "b", "c"].map((name) => grant.mayPull?.(name)), [true, true, false]);
  assertEquals(["a", "c"].map((name) => grant.mayList?.(name)), [true, true]);
  assertEquals("userName" in scene.controller.authorize(asked), true);
  const more = await refusal(
    scene.controller,
    asking({ authorization, access: [right("a", "pull"), right("a", "push")] }),
  );
  assertEquals(
    more.challenge,
    `${CHALLENGE},scope="repository:a:pull,push",error="insufficient_scope"`,
  );
  const wrong = await refusal(scene.controller, asking({ authorization: "Bearer a.b.c" }));
  assertEquals(wrong.challenge, `${CHALLENGE},error="invalid_token"`);
});

Deno.test("StowageController lets a token for nobody do what everybody may", async () => {
  await using scene = await StowageScene.make();
  const authorization = await scene.bearer("", "repository:public/a:pull", "registry:catalog:*");

  const base = await scene.controller.authorize(asking({ authorization }));
  assertEquals(base.userName, "");
  const catalog = await scene.controller.authorize(asking({ authorization, access: CATALOG }));
  assertEquals(["public/a", "secret"].map((name) => catalog.mayList?.(name)), [true, false]);
});

Deno.test("StowageController takes rights away at once, also from tokens that still count", async () => {
  await using scene = await StowageScene.make();
  const authorization = await scene.bearer("alice", "repository:team/alice/a:pull,push");
  const asked = asking({ authorization, access: [right("team/alice/a", "pull")] });
  assertEquals((await scene.controller.authorize(asked)).userName, "alice");

  await scene.rewrite(accessFile(RULES.replaceAll("{user}", "bob")));
  assertEquals((await refusal(scene.controller, asked)).reason, "scope insufficient");
  await scene.rewrite(accessFile(RULES));
  assertEquals((await scene.controller.authorize(asked)).userName, "alice");
  await scene.rewrite(accessFile(RULES, [`bob: "${hashSync("x", 4)}"`]));
  assertEquals((await refusal(scene.controller, asked)).reason, "token invalid");
});

Deno.test("StowageController forgets tokens that have expired, and passwords that were changed", async () => {
  await using scene = await StowageScene.make();
  const authorization = await scene.bearer("alice");
  await scene.controller.authorize(asking({ authorization }));
  await scene.controller.authorize(asking({ authorization: ALICE }));

  await scene.rewrite(accessFile(RULES, [`alice: "${hashSync("changed", 4)}"`]));
  const changed = await refusal(scene.controller, asking({ authorization: ALICE }));
  assertEquals(changed.reason, "password wrong");
  await scene.timers.pass(360_000);
  assertEquals(
    (await refusal(scene.controller, asking({ authorization }))).reason,
    "token invalid",
  );
});

Deno.test("StowageController wants another token for a mount that the rules allow, and no other", async () => {
  await using scene = await StowageScene.make();
  const access = [right("team/alice/a", "pull"), right("team/alice/a", "push")];
  const scope = "repository:team/alice/a:pull,push";
  const narrow = await scene.bearer("alice", scope);
  const wide = await scene.bearer("alice", scope, "repository:public/x:pull");
  const mount = (authorization: string, mountFrom: string) =>
    asking({ authorization, access, mountFrom });

  const refused = await refusal(scene.controller, mount(narrow, "public/x"));
  assertEquals(
    refused.challenge,
    `${CHALLENGE},scope="${scope} repository:public/x:pull",error="insufficient_scope"`,
  );
  const granted = await scene.controller.authorize(mount(wide, "public/x"));
  assertEquals(granted.mayPull?.("public/x"), true);
  const secret = await scene.controller.authorize(mount(narrow, "team/bob/secret"));
  assertEquals(secret.mayPull?.("team/bob/secret"), false);
});
