import { assertEquals, assertRejects } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { connectRegistry } from "../../src/client/connect.ts";
import { staticCredentials } from "../../src/client/credentials.ts";
import { ClientError } from "../../src/client/errors.ts";
import type { AnswerNotes } from "../../src/client/registry_client.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { ManualTimers } from "../support/manual_timers.ts";

type Answer = (request: Request) => Response | undefined;

/** A client of a registry that answers as `answer` says. */
async function connect(answer: Answer, allowedHosts: readonly string[] = []) {
  const requests: string[] = [];
  const clock = new ManualTimers(1_700_000_000_000);
  const notes: AnswerNotes[] = [];
  const client = await connectRegistry("https://registry.example.com", {
    credentials: staticCredentials({ username: "user", password: "pä" }),
    allowedHosts,
    log: getLogger(["test"]),
    clock,
    timeoutMs: 5000,
    observe: (note) => notes.push(note),
    resolve: () => Promise.resolve(["93.184.216.34"]),
    fetch(url, init) {
      const request = new Request(url, init);
      const credentials = request.headers.get("authorization") ?? "-";
      requests.push(`${request.method} ${url.host}${url.pathname}${url.search} ${credentials}`);
      const response = answer(request);
      return response === undefined
        ? Promise.reject(new TypeError("connection refused"))
        : Promise.resolve(response);
    },
  });
  return { client, requests, clock, notes };
}

const BASIC = `Basic ${btoa("user:p\u00c3\u00a4")}`;

function challenge(value: string): Response {
  return new Response(null, { status: 401, headers: { "www-authenticate": value } });
}

function needsToken(realm: string): Answer {
  return (request) => {
    const url = new URL(request.url);
    if (url.pathname === "/token") return Response.json({ token: "t", expires_in: 300 });
    if (request.headers.get("authorization") === "Bearer t") return new Response("{}");
    return challenge(`Bearer realm="${realm}",service="registry"`);
  };
}

Deno.test("RegistryClient fetches a token once for a repository, from its own domain", async () => {
  const { client, requests, clock } = await connect(needsToken("https://auth.example.com/token"));
  await client.headBlob("a/b", EMPTY_DIGEST);
  await client.headBlob("a/b", EMPTY_DIGEST);
  const blob = `HEAD registry.example.com/v2/a/b/blobs/${EMPTY_DIGEST}`;
  const token = "GET auth.example.com/token?service=registry&scope=repository%3Aa%2Fb%3Apull" +
    `&account=user ${BASIC}`;
  assertEquals(requests, [`${blob} -`, token, `${blob} Bearer t`, `${blob} Bearer t`]);
  requests.length = 0;
  await clock.pass(300_000);
  await client.headBlob("a/b", EMPTY_DIGEST);
  assertEquals(requests, [token, `${blob} Bearer t`]);
});

Deno.test("RegistryClient sends nothing to a token server that does not belong to it", async () => {
  const { client, requests } = await connect(needsToken("https://evil.example.org/token"));
  const error = await assertRejects(() => client.headBlob("a", EMPTY_DIGEST), ClientError);
  assertEquals((error as ClientError).code, "unauthorized");
  assertEquals(requests.length, 1);
});

Deno.test("RegistryClient uses a token server that the operator allows", async () => {
  const realm = "https://sso.partner.net/token";
  const { client } = await connect(needsToken(realm), ["sso.partner.net"]);
  await client.headBlob("a", EMPTY_DIGEST);
});

Deno.test("RegistryClient sends its password where the registry asks for it, once", async () => {
  const { client, requests } = await connect((request) =>
    request.headers.has("authorization") ? new Response("{}") : challenge('Basic realm="r"')
  );
  await client.headBlob("a", EMPTY_DIGEST);
  assertEquals(requests.length, 2);
  const wrong = await connect(() => challenge('Basic realm="r"'));
  const error = await assertRejects(() => wrong.client.headBlob("a", EMPTY_DIGEST), ClientError);
  assertEquals((error as ClientError).code, "unauthorized");
  assertEquals(wrong.requests.length, 2);
});

Deno.test("RegistryClient leaves a registry alone that wants fewer requests", async () => {
  const { client, requests, clock } = await connect(() =>
    new Response(null, { status: 429, headers: { "retry-after": "30" } })
  );
  for (let round = 0; round < 3; round++) {
    const error = await assertRejects(() => client.getManifest("a", "v1"), ClientError);
    assertEquals((error as ClientError).code, "too_many_requests");
    assertEquals((error as ClientError).retryAfterMs, 30_000);
  }
  assertEquals(requests.length, 1);
  await clock.pass(30_001);
  await assertRejects(() => client.getManifest("a", "v1"));
  assertEquals(requests.length, 2);
});

Deno.test("RegistryClient tries once more after a passing failure", async () => {
  for (const status of [undefined, 502, 503]) {
    let answers = 0;
    const { client } = await connect(() => {
      if (++answers === 2) return new Response("{}");
      return status === undefined ? undefined : new Response(null, { status });
    });
    assertEquals((await client.getManifest("a", "v1")).bytes.byteLength, 2);
  }
});

Deno.test("RegistryClient tells failures apart", async () => {
  const cases = [
    [401, "unauthorized"],
    [403, "denied"],
    [404, "not_found"],
    [418, "invalid_answer"],
    [500, "unavailable"],
  ] as const;
  for (const [status, code] of cases) {
    const { client } = await connect(() => new Response(null, { status }));
    const error = await assertRejects(() => client.headManifest("a", "v1"), ClientError);
    assertEquals((error as ClientError).code, code);
    assertEquals((error as ClientError).status, status);
  }
});

Deno.test("RegistryClient does not take a manifest that is too large", async () => {
  const { client } = await connect(() => new Response(new Uint8Array(4 * 1024 * 1024 + 1)));
  await assertRejects(() => client.getManifest("a", "v1"), ClientError, "more than 4194304 bytes");
});

Deno.test("RegistryClient follows the pages of a listing on the same registry only", async () => {
  const link = (target: string) => ({ headers: { link: `<${target}>; rel="next"` } });
  const { client, requests } = await connect((request) => {
    const { search } = new URL(request.url);
    if (search === "?n=1000") return Response.json({ tags: ["a"] }, link("/v2/r/tags/list?last=a"));
    if (search === "?last=a") return Response.json({ tags: ["b"] }, link("https://evil.org/v2/"));
    return undefined;
  });
  assertEquals(await client.listTags("r"), ["a", "b"]);
  assertEquals(requests.length, 2);
});

Deno.test("RegistryClient notes what the registry still allows", async () => {
  const headers = { "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "7;w=21600" };
  const { client, notes } = await connect(() => new Response("{}", { headers }));
  await client.getManifest("a", "v1");
  assertEquals(notes, [{ status: 200, rateLimit: { limit: 100, remaining: 7 } }]);
});
