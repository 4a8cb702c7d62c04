/**
 * The scene of a client's test: an empty registry, a temporary folder, and the client, which keeps
 * all it keeps in that folder.
 *
 * @module
 */
import { run } from "./process.ts";
import type { Repository } from "./registry_client.ts";
import { type Registry, startTestedRegistry } from "./servers.ts";
import { TempFolder } from "./temp.ts";
import { type Ability, type Program, programPath, testWith } from "./tools.ts";

/** A program that speaks to registries. */
export interface Client {
  readonly program: Program;
  /** What it needs besides. @default nothing */
  readonly needs?: readonly Ability[];
  /** Arguments that come before all others. */
  args(temp: TempFolder): readonly string[];
}

/** What a client's test works with. */
export interface Scene {
  readonly registry: Registry;
  readonly temp: TempFolder;
  /** Runs the client and gives what it prints. */
  run(...args: readonly string[]): Promise<string>;
  /** A repository of the registry, for requests of the test's own. */
  repository(name: string): Repository;
  /** The name of an image as clients write it: `name` with the registry's host before it. */
  ref(name: string): string;
}

/** A test of a client. */
export interface ClientTest {
  readonly name: string;
  readonly fn: (scene: Scene) => Promise<void>;
  /** Sections of the configuration, each in place of the default one. @default none */
  readonly config?: (temp: TempFolder) => Promise<Readonly<Record<string, unknown>>>;
}

/** Registers a test of a client against an empty registry. */
export function testClient(client: Client, test: ClientTest): void {
  testWith([client.program, ...client.needs ?? []], {
    name: `${client.program} ${test.name}`,
    fn: async () => {
      await using temp = await TempFolder.make();
      const config = await test.config?.(temp) ?? {};
      await using registry = await startTestedRegistry({ folder: temp.path, config });
      // No settings, logins or caches of the one who runs the tests.
      const env = {
        HOME: await temp.folder("home"),
        REGISTRY_AUTH_FILE: await temp.write("auth.json", "{}"),
        XDG_RUNTIME_DIR: await temp.folder("runtime"),
        TMPDIR: await temp.folder("tmp"),
      };
      const command = programPath(client.program);
      await test.fn({
        registry,
        temp,
        run: (...args) => run([command, ...client.args(temp), ...args], { env, cwd: temp.path }),
        repository: (name) => ({ url: registry.url, name }),
        ref: (name) => `${registry.host}/${name}`,
      });
    },
  });
}
