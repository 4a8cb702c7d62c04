/**
 * Stowage and Distribution with the same section `auth`: the same requests are answered with the same
 * status, challenge and error document.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { hashSync } from "bcryptjs";
import { basic } from "../auth/_requests.ts";
import { ISSUER, namedKey, SERVICE, signToken } from "../auth/_tokens.ts";
import { type Registry, startRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

type Config = Readonly<Record<string, unknown>>;

/** A request: method, path below `/v2/`. */
const REQUESTS = [
  ["GET", ""],
  ["GET", "_catalog"],
  ["GET", "team/app/tags/list"],
  ["GET", "team/app/manifests/v1"],
  ["HEAD", "team/app/manifests/v1"],
  ["PUT", "team/app/manifests/v1"],
  ["DELETE", "team/app/manifests/v1"],
  ["GET", `team/app/blobs/sha256:${"a".repeat(64)}`],
  ["POST", "team/app/blobs/uploads/"],
  ["POST", `team/app/blobs/uploads/?mount=sha256:${"a".repeat(64)}&from=other/app`],
  ["GET", "team/app/manifests/v1?from=other/app"],
  ["PATCH", "team/app/blobs/uploads/an-id"],
] as const;

/** What of a refusal clients go by. */
async function refusalOf(
  registry: Registry,
  { method, path, headers }: {
    readonly method: string;
    readonly path: string;
    readonly headers: HeadersInit;
  },
) {
  const response = await fetch(`${registry.url}/v2/${path}`, { method, headers });
  const text = await response.text();
  if (response.status < 400 || response.status === 404) return { status: "in" };
  return {
    status: response.status,
    challenge: sorted(response.headers.get("www-authenticate") ?? ""),
    type: response.headers.get("content-type"),
    version: response.headers.get("docker-distribution-api-version"),
    // What is wrong with a request that was let in is another matter.
    document: response.status === 401 ? text : "",
  };
}

/** A challenge with its scopes, and the actions of each, in order: Distribution has none. */
function sorted(challenge: string): string {
  return challenge.replace(/scope="([^"]*)"/, (_, scope: string) => {
    const scopes = scope.split(" ").map((one) => {
      const [type, name, actions = ""] = one.split(":");
      return `${type}:${name}:${actions.split(",").sort().join(",")}`;
    });
    return `scope="${scopes.sort().join(" ")}"`;
  });
}

async function compare(
  config: (temp: TempFolder) => Promise<Config>,
  credentials: readonly (readonly [string, HeadersInit])[],
): Promise<void> {
  await using temp = await TempFolder.make();
  const sections = { auth: await config(temp) };
  const options = (name: string) => ({ folder: temp.join(name), config: sections });
  await temp.folder("ours");
  await temp.folder("theirs");
  await using ours = await startRegistry("stowage", options("ours"));
  await using theirs = await startRegistry("distribution3", options("theirs"));
  for (const [name, headers] of credentials) {
    for (const [method, path] of REQUESTS) {
      const request = { method, path, headers };
      const expected = await refusalOf(theirs, request);
      const what = `${method} ${path} with ${name}`;
      assertEquals(await refusalOf(ours, request), expected, what);
    }
  }
}

testWith(["registry"], {
  name: "silly refuses and lets in as Distribution does",
  fn: () =>
    compare(() => Promise.resolve({ silly: { realm: 'a "quoted" \\ realm', service: "svc" } }), [
      ["nothing", {}],
      ["anything", { authorization: "anything" }],
    ]),
});

testWith(["registry"], {
  name: "htpasswd refuses and lets in as Distribution does",
  fn: () =>
    compare(async (temp) => {
      const lines = [`alice:${hashSync("secret", 5)}`, "plain:secret", "# a comment", ""];
      return {
        htpasswd: { realm: "the realm", path: await temp.write("users", lines.join("\n")) },
      };
    }, [
      ["nothing", {}],
      ["no credentials", { authorization: "Basic" }],
      ["another scheme", { authorization: "Bearer x" }],
      ["a wrong password", { authorization: basic("alice", "wrong") }],
      ["the right password", { authorization: basic("alice", "secret") }],
    ]),
});

testWith(["registry"], {
  name: "token refuses and lets in as Distribution does",
  fn: async () => {
    const key = await namedKey("k");
    const stranger = await namedKey("other");
    const now = Math.floor(Date.now() / 1000);
    const good = { iss: ISSUER, aud: SERVICE, sub: "alice", exp: now + 300, nbf: now };
    const repository = (name: string, ...actions: readonly string[]) => ({
      type: "repository",
      name,
      actions,
    });
    const all = [
      repository("team/app", "pull", "push", "delete"),
      repository("other/app", "*"),
      { type: "registry", name: "catalog", actions: ["*"] },
    ];
    const bearer = async (claims: Config, signer = key, kid = "k") => {
      const token = await signToken(claims, { header: { kid }, key: signer.privateKey });
      return { authorization: `Bearer ${token}` };
    };
    await compare(async (temp) => {
      const jwks = await temp.write("keys.json", JSON.stringify({ keys: [key.jwk] }));
      return { token: { realm: "https://auth.test/t", issuer: ISSUER, service: SERVICE, jwks } };
    }, [
      ["nothing", {}],
      ["a password", { authorization: basic("alice", "secret") }],
      ["no token", { authorization: "Bearer x" }],
      ["everything", await bearer({ ...good, access: all })],
      ["pull alone", await bearer({ ...good, access: [repository("team/app", "pull")] })],
      ["another repository", await bearer({ ...good, access: [repository("team", "*")] })],
      ["no access", await bearer(good)],
      ["another issuer", await bearer({ ...good, iss: "x", access: all })],
      ["another audience", await bearer({ ...good, aud: "x", access: all })],
      ["too old a token", await bearer({ ...good, exp: now - 100, access: all })],
      ["too new a token", await bearer({ ...good, nbf: now + 100, access: all })],
      ["an unknown key", await bearer({ ...good, access: all }, stranger, "other")],
    ]);
  },
});
