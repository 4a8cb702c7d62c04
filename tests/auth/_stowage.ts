import { hashSync } from "bcryptjs";
import type { AccessController } from "../../src/auth/controller.ts";
import { makeStowageController } from "../../src/auth/make_stowage.ts";
import { PasswordChecker } from "../../src/auth/password_checker.ts";
import { PasswordThread } from "../../src/auth/password_thread.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { MemoryKeyFolder } from "./_keys.ts";
import { LogRecorder } from "./_log.ts";
import { asking, basic } from "./_requests.ts";

/** The users of the tests, with their passwords. */
export const USERS = { alice: "alice's password", bob: "bob's password", root: "root's" } as const;

/** What the tests' users may do. */
export const RULES = `
groups: { admins: [root] }
rules:
  - { repositories: "public/**", who: anonymous, allow: pull }
  - { repositories: ["public/**", "team/{user}/**"], who: users, allow: [pull, push] }
  - { repositories: "**", who: group:admins, allow: [pull, push, delete, list] }
`;

const HASHES = Object.entries(USERS).map(([name, password]) =>
  `${name}: "${hashSync(password, 4)}"`
);

/** The text of an access file with the users and these rules. */
export function accessFile(rules: string = RULES, hashes: readonly string[] = HASHES): string {
  return `users: { ${hashes.join(", ")} }\n${rules}`;
}

/** A token service on manual time, without a registry. */
export class StowageScene implements AsyncDisposable {
  readonly temp: TempFolder;
  readonly timers: ManualTimers;
  readonly controller: AccessController;

  private constructor(temp: TempFolder, timers: ManualTimers, controller: AccessController) {
    this.temp = temp;
    this.timers = timers;
    this.controller = controller;
  }

  /** Sets the scene. */
  static async make(): Promise<StowageScene> {
    const temp = await TempFolder.make();
    const timers = new ManualTimers(1_000_000_000_000);
    const { log } = new LogRecorder();
    const comparer = new PasswordThread({ log });
    const controller = await makeStowageController({
      type: "stowage",
      path: await temp.write("access.yml", accessFile()),
      service: "svc",
      tokenTtlMs: 300_000,
      refreshTtlMs: 3_600_000,
      keyRotationMs: 1e12,
    }, {
      log,
      clock: timers,
      keyFolder: new MemoryKeyFolder(),
      passwords: new PasswordChecker({ comparer, clock: timers, timers }),
    });
    return new StowageScene(temp, timers, controller);
  }

  /** Writes the access file anew, and lets the moment pass after which it counts. */
  async rewrite(text: string): Promise<void> {
    await this.temp.write("access.yml", text);
    await this.timers.pass(1000);
  }

  /** Sends a request to a page. */
  async page(path: string, init: RequestInit = {}): Promise<Response> {
    const page = this.controller.pages?.get(path.split("?")[0] ?? "");
    if (page === undefined) throw new Error(`no page: ${path}`);
    const request = new Request(`http://registry.test${path}`, init);
    return await page({ ...asking(), request });
  }

  /** Asks for a token. */
  async token(userName: keyof typeof USERS | "", ...scopes: readonly string[]): Promise<string> {
    const headers: HeadersInit = userName === ""
      ? {}
      : { authorization: basic(userName, USERS[userName]) };
    const query = scopes.map((scope) => `scope=${scope}`).join("&");
    const response = await this.page(`/auth/token?${query}`, { headers });
    return (await response.json()).token;
  }

  /** The header that carries a token. */
  async bearer(userName: keyof typeof USERS | "", ...scopes: readonly string[]): Promise<string> {
    return `Bearer ${await this.token(userName, ...scopes)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.controller.close();
    await this.temp[Symbol.asyncDispose]();
  }
}
