import { assertEquals } from "@std/assert";
import { createSillyController } from "../../src/auth/silly.ts";
import { asking, refusal, right } from "./_requests.ts";

const SILLY = createSillyController({ realm: "https://realm.test", service: "svc" });

Deno.test("createSillyController lets in whoever sends any header", async () => {
  const grant = await SILLY.authorize(asking({ authorization: "anything" }));

  assertEquals(grant, { userName: "silly" });
});

Deno.test("createSillyController asks everybody else for a token, a scope a right", async () => {
  const bare = await refusal(SILLY, asking());
  const push = await refusal(
    SILLY,
    asking({ access: [right("a", "pull"), right("a", "push")], mountFrom: "b", authorization: "" }),
  );

  assertEquals(bare.code, "unauthorized");
  assertEquals(bare.challenge, 'Bearer realm="https://realm.test",service="svc"');
  assertEquals(
    push.challenge,
    'Bearer realm="https://realm.test",service="svc",' +
      'scope="repository:a:pull repository:a:push repository:b:pull"',
  );
  assertEquals(push.access, [right("a", "pull"), right("a", "push"), right("b", "pull")]);
});
