import { assertEquals, assertRejects } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { Authorizer } from "../../src/client/authorizer.ts";
import { staticCredentials } from "../../src/client/credentials.ts";
import { ClientError } from "../../src/client/errors.ts";
import { SafeFetch } from "../../src/client/safe_fetch.ts";
import { ManualTimers } from "../support/manual_timers.ts";

const SCOPE = "repository:a:pull";
const CHALLENGE = 'Bearer realm="https://registry.example.com/token",service="s"';

/** An authorizer whose token server answers as `answer` says. */
function authorizer(answer: (url: URL) => Response) {
  const asked: URL[] = [];
  const upstream = new URL("https://registry.example.com");
  const clock = new ManualTimers(1_700_000_000_000);
  const http = new SafeFetch({
    upstream,
    allowedHosts: [],
    resolve: () => Promise.resolve([]),
    timers: clock,
    fetch(url) {
      asked.push(url);
      return Promise.resolve(answer(url));
    },
  });
  const made = new Authorizer({
    upstream,
    credentials: staticCredentials(undefined),
    allowedHosts: [],
    registrableDomain: () => undefined,
    http,
    timeoutMs: 1000,
    clock,
    log: getLogger(["test"]),
  });
  return { made, asked, clock };
}

Deno.test("Authorizer asks without a header before it knows better", async () => {
  const { made, asked } = authorizer(() => Response.json({}));
  assertEquals(await made.header(SCOPE), undefined);
  assertEquals(asked, []);
});

Deno.test("Authorizer fetches a token once for all who ask at the same time", async () => {
  const { made, asked } = authorizer(() => Response.json({ access_token: "x" }));
  assertEquals(made.learn(CHALLENGE, { scope: SCOPE, sent: undefined }), true);
  const headers = await Promise.all([made.header(SCOPE), made.header(SCOPE)]);
  assertEquals(headers, ["Bearer x", "Bearer x"]);
  assertEquals(asked.length, 1);
  assertEquals(asked[0]?.searchParams.get("account"), null);
});

Deno.test("Authorizer keeps a token for a minute at least, as Distribution does", async () => {
  const { made, asked, clock } = authorizer(() => Response.json({ token: "x", expires_in: 1 }));
  made.learn(CHALLENGE, { scope: SCOPE, sent: undefined });
  await made.header(SCOPE);
  await clock.pass(50_000);
  await made.header(SCOPE);
  assertEquals(asked.length, 1);
  await clock.pass(10_000);
  await made.header(SCOPE);
  assertEquals(asked.length, 2);
});

Deno.test("Authorizer fetches another token when one is refused", async () => {
  let count = 0;
  const { made } = authorizer(() => Response.json({ token: `t${++count}` }));
  made.learn(CHALLENGE, { scope: SCOPE, sent: undefined });
  const sent = await made.header(SCOPE);
  assertEquals(sent, "Bearer t1");
  assertEquals(made.learn(CHALLENGE, { scope: SCOPE, sent }), true);
  assertEquals(await made.header(SCOPE), "Bearer t2");
});

Deno.test("Authorizer tells of a token server that refuses or talks nonsense", async () => {
  const cases = [
    [() => new Response(null, { status: 401 }), "unauthorized"],
    [() => new Response(null, { status: 403 }), "denied"],
    [() => new Response(null, { status: 429 }), "too_many_requests"],
    [() => new Response(null, { status: 500 }), "unavailable"],
    [() => new Response("no json"), "invalid_answer"],
    [() => Response.json({}), "invalid_answer"],
    [() => Response.json({ token: "a\nb" }), "invalid_answer"],
    [() => new Response("x".repeat(300_000)), "unavailable"],
  ] as const;
  for (const [answer, code] of cases) {
    const { made } = authorizer(answer);
    made.learn(CHALLENGE, { scope: SCOPE, sent: undefined });
    const error = await assertRejects(() => made.header(SCOPE), ClientError);
    assertEquals((error as ClientError).code, code);
  }
});
