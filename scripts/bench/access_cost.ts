/**
 * What it costs to know who asks: one manifest by tag, from the handler itself, without a section
 * `auth`, with a token, and with a name and a password. No socket is in between, so the part that is
 * left of the rate is the least that clients see.
 *
 * Usage: `deno run -A --unstable-net scripts/bench/access_cost.ts`
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { hashSync } from "bcryptjs";
import { createRegistry, loadConfig, type Registry } from "../../mod.ts";
import { makeImage } from "../../tests/support/images.ts";

/** Many short rounds, of which the best counts: others may be busy on the machine. */
const ROUNDS = 150;
const REQUESTS = 100;
const HOST = "http://registry.test";
const PASSWORD = "a password";

/** One way to ask. */
interface Caller {
  readonly name: string;
  readonly registry: Registry;
  readonly headers: Readonly<Record<string, string>>;
}

/** A registry on a folder, with a section `auth`. */
function open(folder: string, auth: Readonly<Record<string, unknown>>): Promise<Registry> {
  const storage = { filesystem: { rootdirectory: `${folder}/data` } };
  const text = JSON.stringify({ version: "0.1", log: { level: "error" }, storage, auth });
  return createRegistry(loadConfig({ text }).config);
}

async function send(registry: Registry, path: string, init: RequestInit = {}): Promise<Response> {
  const response = await registry.fetch(new Request(HOST + path, init));
  if (!response.ok) throw new Error(`${path} is answered with ${response.status}`);
  return response;
}

async function push(registry: Registry): Promise<void> {
  const { blobs, manifest } = await makeImage({ seed: "access cost" });
  for (const { digest, bytes: body } of blobs) {
    const headers = { "content-length": String(body.byteLength) };
    const path = `/v2/app/blobs/uploads/?digest=${digest}`;
    await send(registry, path, { method: "POST", headers, body });
  }
  const headers = { "content-type": manifest.mediaType };
  await send(registry, "/v2/app/manifests/v1", { method: "PUT", headers, body: manifest.bytes });
}

async function makeCallers(folder: string): Promise<readonly Caller[]> {
  const hash = hashSync(PASSWORD, 4);
  const rules = [{ repositories: "**", who: "users", allow: "pull" }];
  const path = `${folder}/access.yml`;
  await Deno.writeTextFile(path, JSON.stringify({ users: { alice: hash }, rules }));
  await Deno.writeTextFile(`${folder}/users`, `alice:${hash}\n`);
  const plain = await open(folder, {});
  await push(plain);
  const stowage = await open(folder, { stowage: { path } });
  const htpasswd = await open(folder, { htpasswd: { realm: "r", path: `${folder}/users` } });
  const basic = {
    authorization: `Basic ${Buffer.from(`alice:${PASSWORD}`).toString("base64")}`,
  };
  const page = "/auth/token?scope=repository:app:pull";
  const { token } = await (await send(stowage, page, { headers: basic })).json();
  const bearer = { authorization: `Bearer ${token}` };
  return [
    // With a header as long, for making the request is measured as well.
    { name: "without auth", registry: plain, headers: { "x-nothing": bearer.authorization } },
    { name: "stowage, token", registry: stowage, headers: bearer },
    { name: "stowage, password", registry: stowage, headers: basic },
    { name: "htpasswd, password", registry: htpasswd, headers: basic },
  ];
}

/** Microseconds for one request, in one round. */
async function measure({ registry, headers }: Caller): Promise<number> {
  const startedMs = performance.now();
  for (let request = 0; request < REQUESTS; request++) {
    const response = await send(registry, "/v2/app/manifests/v1", { headers });
    await response.body?.cancel();
  }
  return (performance.now() - startedMs) * 1000 / REQUESTS;
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir();
  try {
    const callers = await makeCallers(folder);
    const best = callers.map(() => Infinity);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, caller] of callers.entries()) {
        best[index] = Math.min(best[index] ?? Infinity, await measure(caller));
      }
    }
    for (const [index, { name, registry }] of callers.entries()) {
      const us = best[index] ?? 0;
      const part = Math.round((best[0] ?? 0) / us * 100);
      console.log(`${name.padEnd(20)} ${us.toFixed(0).padStart(5)} us ${`${part}`.padStart(4)} %`);
      await registry.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
