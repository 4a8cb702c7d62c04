import { assert, assertEquals } from "@std/assert";
import { hashSync } from "bcryptjs";
import { Buffer } from "node:buffer";
import { noteSecrets } from "../support/secrets.ts";
import { type Registry, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";

const PASSWORD = "a-password-that-nobody-may-see";
const WRONG = "a-wrong-one-that-is-nearly-right";
const HTTP_SECRET = "a-secret-of-the-state-of-uploads";

function basic(password: string): HeadersInit {
  const credentials = Buffer.from(`alice:${password}`).toString("base64");
  return { authorization: `Basic ${credentials}` };
}

/** Signs in, or tries to, in every way there is; gives the secrets that this made. */
async function signIn({ url }: Registry): Promise<readonly string[]> {
  const secrets: string[] = [];
  const send = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const { authorization = "" } = (init.headers ?? {}) as Record<string, string>;
    secrets.push(...authorization.split(" ").slice(1));
    return text;
  };
  const form = (fields: Readonly<Record<string, string>>) =>
    send("/auth/token", { method: "POST", body: new URLSearchParams({ ...fields }) });
  const scope = "repository:a:pull,push";
  for (const password of [PASSWORD, WRONG]) {
    await send("/v2/", { headers: basic(password) });
    await send(`/auth/token?scope=${scope}`, { headers: basic(password) });
  }
  await form({ grant_type: "password", username: "alice", password: WRONG });
  const answer = JSON.parse(
    await form({
      grant_type: "password",
      username: "alice",
      password: PASSWORD,
      access_type: "offline",
      scope,
    }),
  );
  secrets.push(answer.access_token, answer.refresh_token);
  const headers = { authorization: `Bearer ${answer.access_token}` };
  await send("/v2/a/tags/list", { headers });
  await send("/v2/b/tags/list", { headers });
  await send("/v2/a/blobs/uploads/", { method: "POST", headers });
  await send("/v2/", { headers: { authorization: `Bearer ${answer.access_token}x` } });
  await form({ grant_type: "refresh_token", refresh_token: answer.refresh_token, scope });
  await form({ grant_type: "refresh_token", refresh_token: `${answer.refresh_token}x` });
  return secrets;
}

Deno.test("no log shows a password, a hash, a token or a key", async () => {
  await using temp = await TempFolder.make();
  const hash = hashSync(PASSWORD, 5);
  const path = await temp.write(
    "access.yml",
    JSON.stringify({
      users: { alice: hash },
      rules: [{ repositories: "a", who: "users", allow: ["pull", "push"] }],
    }),
  );
  await using registry = await startStowage({
    folder: temp.path,
    config: {
      log: { level: "debug" },
      auth: { stowage: { path } },
      http: { secret: HTTP_SECRET },
    },
  });
  const made = await signIn(registry);
  await temp.write("access.yml", `users: { alice: "${hash}" `);
  await signIn(registry).catch(() => {});
  await registry.process.stop();

  const [name = ""] = [...Deno.readDirSync(temp.join("data/stowage/keys"))].map((file) =>
    file.name
  );
  const { key } = JSON.parse(await Deno.readTextFile(temp.join("data/stowage/keys", name)));
  const secrets = [PASSWORD, WRONG, HTTP_SECRET, hash, key.d, ...made];
  noteSecrets(...secrets);
  const { output } = registry.process;
  assert(output.includes("access refused"), output);
  assert(output.includes("auth.user.name=alice"), output);
  for (const secret of secrets) assertEquals(output.includes(secret), false, secret);
});
