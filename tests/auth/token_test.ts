import { assertEquals } from "@std/assert";
import { createTokenController } from "../../src/auth/token.ts";
import { TokenVerifier } from "../../src/auth/token_verifier.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { NOW_MS } from "./_certificates.ts";
import { asking, refusal, right } from "./_requests.ts";
import { GOOD_CLAIMS, ISSUER, namedKey, SERVICE, signToken } from "./_tokens.ts";

const KEY = await namedKey("k");
const REALM = "https://auth.test/token";
const HEAD = `Bearer realm="${REALM}",service="${SERVICE}"`;

function makeController(autoRedirectPath?: string) {
  const verifier = new TokenVerifier({
    issuer: ISSUER,
    audience: SERVICE,
    algorithms: ["ES256"],
    clock: new ManualTimers(NOW_MS),
    findKey: () => Promise.resolve(KEY.publicKey),
  });
  return createTokenController({ realm: REALM, service: SERVICE, verifier, autoRedirectPath });
}

async function bearer(...access: readonly unknown[]): Promise<string> {
  return `Bearer ${await signToken({ ...GOOD_CLAIMS, access }, { key: KEY.privateKey })}`;
}

function entry(name: string, ...actions: readonly string[]) {
  return { type: "repository", name, actions };
}

Deno.test("createTokenController grants what the token covers, the second time at once", async () => {
  const controller = makeController();
  const authorization = await bearer(entry("a", "pull"), entry("a", "push"), entry("b", "*"));
  const asked = asking({
    authorization,
    access: [right("a", "pull"), right("a", "push")],
    mountFrom: "b",
  });

  const first = await controller.authorize(asked);
  const second = controller.authorize(asked);

  assertEquals([first.userName, "userName" in second && second.userName], ["alice", "alice"]);
  const names = ["a", "b", "c"];
  assertEquals(names.map((name) => first.mayPull?.(name)), [true, true, false]);
  assertEquals(first.mayList, undefined);
});

Deno.test("createTokenController names in its challenge what is needed and what is wrong", async () => {
  const controller = makeController();
  const access = [right("a", "pull"), right("a", "push")];
  const pullOnly = await bearer(entry("a", "pull"));
  const cases = [
    [{ access: [] }, "credentials missing", HEAD],
    [{ access }, "credentials missing", `${HEAD},scope="repository:a:pull,push"`],
    [
      { access, authorization: "Basic YTpi" },
      "credentials missing",
      `${HEAD},scope="repository:a:pull,push"`,
    ],
    [
      { access, authorization: "Bearer x" },
      "token invalid",
      `${HEAD},scope="repository:a:pull,push",error="invalid_token"`,
    ],
    [
      { access, authorization: pullOnly },
      "scope insufficient",
      `${HEAD},scope="repository:a:pull,push",error="insufficient_scope"`,
    ],
    [
      { access: [right("a", "pull")], mountFrom: "b", authorization: pullOnly },
      "scope insufficient",
      `${HEAD},scope="repository:a:pull repository:b:pull",error="insufficient_scope"`,
    ],
  ] as const;
  for (const [asked, reason, challenge] of cases) {
    const refused = await refusal(controller, asking(asked));
    assertEquals([refused.code, refused.reason], ["unauthorized", reason]);
    assertEquals(refused.challenge, challenge);
  }
});

Deno.test("createTokenController sends clients to the host that they asked, if it shall", async () => {
  const controller = makeController("/auth/token");
  const challengeFor = async (headers: Readonly<Record<string, string>>) =>
    (await refusal(controller, asking({ headers }))).challenge;

  assertEquals(
    await challengeFor({ host: "r.test:5000" }),
    `Bearer realm="https://r.test:5000/auth/token",service="${SERVICE}"`,
  );
  assertEquals(
    await challengeFor({}),
    `Bearer realm="https://registry.test/auth/token",service="${SERVICE}"`,
  );
  assertEquals(
    await challengeFor({ host: "r.test", "x-forwarded-proto": "http" }),
    `Bearer realm="http://r.test/auth/token",service="${SERVICE}"`,
  );
});
