import { assertEquals, assertRejects } from "@std/assert";
import { hashSync } from "bcryptjs";
import { testClient } from "../support/scene.ts";
import { noteSecrets } from "../support/secrets.ts";
import type { TempFolder } from "../support/temp.ts";
import { CLIENTS, layImageOut } from "./_actions.ts";

const PASSWORDS = { alice: "alice-has-a-secret", bob: "bob-has-another" } as const;

noteSecrets(...Object.values(PASSWORDS));

async function htpasswdConfig(temp: TempFolder): Promise<Readonly<Record<string, unknown>>> {
  const lines = Object.entries(PASSWORDS).map(([name, word]) => `${name}:${hashSync(word, 5)}\n`);
  const path = await temp.write("htpasswd", lines.join(""));
  return { auth: { htpasswd: { realm: "Registry", path } } };
}

async function stowageConfig(temp: TempFolder): Promise<Readonly<Record<string, unknown>>> {
  const users = Object.entries(PASSWORDS).map(([name, word]) => [name, hashSync(word, 5)]);
  const path = await temp.write(
    "access.yml",
    JSON.stringify({
      users: Object.fromEntries(users),
      rules: [
        { repositories: "public/**", who: "anonymous", allow: "pull" },
        { repositories: ["public/**", "team/{user}/**"], who: "users", allow: ["pull", "push"] },
      ],
    }),
  );
  return { auth: { stowage: { path } } };
}

for (const { client, ...actions } of CLIENTS) {
  testClient(client, {
    name: "logs in with a file of users, and out",
    config: htpasswdConfig,
    async fn(scene) {
      await layImageOut(scene, `${client.program}/htpasswd`);

      await assertRejects(() => actions.login(scene, "wrong"));
      await actions.logout(scene).catch(() => {});
      await assertRejects(() => actions.push(scene, "app:v1"));
      await actions.login(scene, PASSWORDS.alice);
      await actions.push(scene, "app:v1");
      await actions.pull(scene, "app:v1");
      await actions.logout(scene);
      await assertRejects(() => actions.pull(scene, "app:v1"));
    },
  });

  testClient(client, {
    name: "logs in with the token service, pushes what it may, and pulls in the open",
    config: stowageConfig,
    async fn(scene) {
      await layImageOut(scene, `${client.program}/stowage`);

      await assertRejects(() => actions.login(scene, "wrong"));
      await actions.logout(scene).catch(() => {});
      await assertRejects(() => actions.push(scene, "public/app:v1"));
      await actions.login(scene, PASSWORDS.alice);
      await actions.push(scene, "public/app:v1");
      await actions.push(scene, "team/alice/app:v1");
      await actions.pull(scene, "team/alice/app:v1");
      await assertRejects(() => actions.push(scene, "team/bob/app:v1"));
      await actions.logout(scene);
      await actions.pull(scene, "public/app:v1");
      await assertRejects(() => actions.pull(scene, "team/alice/app:v1"));
      await assertRejects(() => actions.push(scene, "public/app:v2"));
      for (const password of Object.values(PASSWORDS)) {
        assertEquals(scene.registry.process.output.includes(password), false);
      }
    },
  });
}
