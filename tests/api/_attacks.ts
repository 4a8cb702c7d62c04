import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { type Send, TestRegistry } from "./_registry.ts";

/** A request, and the status and codes that it leads to. */
export interface Attack {
  readonly name?: string;
  readonly method?: string;
  readonly path: string;
  readonly send?: Send;
  readonly status: number;
  /** Codes of the error document; none: the answer is no such document. */
  readonly codes?: readonly string[];
}

/** Sends an attack to a registry with an image, and sees that it is there as before afterwards. */
export async function withstand(attack: Attack): Promise<void> {
  const registry = new TestRegistry();
  const image = await registry.pushImage("foo", { reference: "v1" });

  const { method = "GET", path, send, status, codes } = attack;
  const answer = await registry.send(method, path, send);
  const text = await answer.text();

  assertEquals(answer.status, status, text.slice(0, 300));
  assertEquals(Number(answer.headers.get("content-length")), toBytes(text).byteLength);
  if (codes !== undefined) assertEquals(codesOf(answer, text), codes);
  await assertAlive(registry, image.bytes);
}

/** The codes of an error document that is as the specification wants it. */
export function codesOf(answer: Response, text: string): string[] {
  assertEquals(answer.headers.get("content-type"), "application/json");
  const document = JSON.parse(text);
  assertEquals(Object.keys(document), ["errors"]);
  assert(document.errors.length > 0);
  return document.errors.map((entry: Record<string, unknown>) => {
    assert(typeof entry.code === "string" && typeof entry.message === "string");
    for (const key of Object.keys(entry)) assert(["code", "message", "detail"].includes(key));
    return entry.code;
  });
}

/** Nothing is lost, and a push still works. */
export async function assertAlive(registry: TestRegistry, bytes: Uint8Array): Promise<void> {
  const get = await registry.send("GET", "/v2/foo/manifests/v1");
  assertEquals(new Uint8Array(await get.arrayBuffer()), bytes);
  const tags = await (await registry.send("GET", "/v2/foo/tags/list")).json();
  assertEquals(tags, { name: "foo", tags: ["v1"] });
  const catalog = await (await registry.send("GET", "/v2/_catalog")).json();
  assertEquals(catalog, { repositories: ["foo"] });
  await registry.pushImage("alive", { reference: "v1" });
}

/** Makes a test of each attack. */
export function register(group: string, attacks: readonly Attack[]): void {
  for (const attack of attacks) {
    const { method = "GET", path, name = path } = attack;
    const shown = name.length > 90 ? `${name.slice(0, 60)}… of ${name.length} characters` : name;
    Deno.test(`createApi withstands ${group}: ${method} ${JSON.stringify(shown)}`, () => {
      return withstand(attack);
    });
  }
}
