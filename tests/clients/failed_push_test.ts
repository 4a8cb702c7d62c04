import { assertMatch, assertRejects } from "@std/assert";
import { hashSync } from "bcryptjs";
import { testClient } from "../support/scene.ts";
import { filesystemStorage } from "../support/servers.ts";
import type { TempFolder } from "../support/temp.ts";
import { CLIENTS, layImageOut } from "./_actions.ts";

/** Why a push may fail, and what every client must then show of it. */
interface Failure {
  readonly title: string;
  config(temp: TempFolder): Promise<Readonly<Record<string, unknown>>>;
  readonly shows: RegExp;
}

const FAILURES: readonly Failure[] = [
  {
    title: "the registry is read-only",
    // deno-lint-ignore require-await -- as the others
    config: async (temp) => ({
      storage: {
        ...filesystemStorage(temp.join("data")),
        maintenance: { readonly: { enabled: true } },
      },
    }),
    shows: /unsupported: the registry is read-only for now/i,
  },
  {
    title: "nobody has logged in",
    config: async (temp) => {
      const path = await temp.write("htpasswd", `alice:${hashSync("alice-has-a-secret", 5)}\n`);
      return { auth: { htpasswd: { realm: "Registry", path } } };
    },
    shows: /authentication required|401 Unauthorized|basic credential not found/,
  },
  {
    title: "the repository is for pulls",
    config: async (temp) => {
      const rules = [{ repositories: "**", who: "anonymous", allow: "pull" }];
      const path = await temp.write("access.yml", JSON.stringify({ users: {}, rules }));
      return { auth: { stowage: { path } } };
    },
    shows: /authentication required|requested access to the resource is denied|401 Unauthorized/,
  },
];

for (const { client, push } of CLIENTS) {
  for (const { title, config, shows } of FAILURES) {
    testClient(client, {
      name: `says why a push failed: ${title}`,
      config,
      async fn(scene) {
        await layImageOut(scene, `${client.program}/failed`);
        const error = await assertRejects(() => push(scene, "team/app:v1"), Error);
        assertMatch(error.message, shows);
      },
    });
  }
}
