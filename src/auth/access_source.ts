import type { Logger } from "@logtape/logtape";
import { dirname, resolve } from "@std/path";
import type { Clock } from "../base/clock.ts";
import { SingleFlight } from "../base/single_flight.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { parseAccessFile } from "./access_file.ts";
import { parseHtpasswd, type UserHashes } from "./htpasswd_file.ts";
import type { Policy } from "./policy.ts";
import { WatchedFile } from "./watched_file.ts";

/** Who there is and what they may do. */
export interface AccessRules {
  readonly users: UserHashes;
  readonly policy: Policy;
}

/** Options of {@linkcode AccessSource}. */
export interface AccessSourceOptions {
  readonly log: Logger;
  readonly clock: Clock;
}

/** How long nobody looks whether a file has changed, in milliseconds. */
const REST_MS = 1000;

/**
 * The users and rules of the access file and of the file of users that it names, read again when
 * either changes. While one of them cannot be read, what was read last goes on to count.
 */
export class AccessSource {
  readonly #options: AccessSourceOptions;
  readonly #folder: string;
  readonly #file: WatchedFile<ReturnType<typeof parseAccessFile>>;
  readonly #flights = new SingleFlight<AccessRules>();
  #users: { readonly path: string; readonly file: WatchedFile<UserHashes> } | undefined;
  #rules: AccessRules | undefined;
  #lookedAtMs = 0;
  #complaint = "";

  constructor(path: string, options: AccessSourceOptions) {
    this.#options = options;
    this.#folder = dirname(path);
    const { clock } = options;
    this.#file = new WatchedFile(path, { parse: parseAccessFile, clock, restMs: 0 });
  }

  /** The rules of a moment ago; `undefined` where the files have to be looked at. */
  get recent(): AccessRules | undefined {
    const ageMs = this.#options.clock.now() - this.#lookedAtMs;
    return ageMs >= 0 && ageMs < REST_MS ? this.#rules : undefined;
  }

  /**
   * The rules.
   *
   * @throws {AuthError} unavailable: the files could never be used
   * @throws {Error} they could never be read
   */
  async get(): Promise<AccessRules> {
    return this.recent ?? await this.#flights.run("", () => this.#look());
  }

  async #look(): Promise<AccessRules> {
    const lookedAtMs = this.#options.clock.now();
    try {
      const { htpasswd, users, policy } = await this.#file.get();
      const others = htpasswd === undefined ? [] : await this.#usersOf(htpasswd);
      this.#rules = { users: new Map([...others, ...users]), policy };
      this.#complaint = "";
    } catch (error) {
      if (this.#rules === undefined) throw error;
      this.#complain(error);
    }
    this.#lookedAtMs = lookedAtMs;
    return this.#rules;
  }

  async #usersOf(htpasswd: string): Promise<UserHashes> {
    const path: string = resolve(this.#folder, htpasswd);
    if (this.#users?.path !== path) {
      const { clock } = this.#options;
      const file = new WatchedFile(path, { parse: parseHtpasswd, clock, restMs: 0 });
      this.#users = { path, file };
    }
    return await this.#users.file.get();
  }

  #complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === this.#complaint) return;
    this.#complaint = message;
    this.#options.log.error(
      "the access file cannot be used, and its last version goes on to count",
      {
        [LOG_FIELDS.errorMessage]: message,
      },
    );
  }
}
