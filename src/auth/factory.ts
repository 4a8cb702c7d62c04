import type { Logger } from "@logtape/logtape";
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import type { AuthConfig } from "../config/config.ts";
import type { AccessController } from "./controller.ts";
import type { KeyFolder } from "./key_folder.ts";

/** What controllers work with beside their section of the configuration. */
export interface AuthSurroundings {
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Keeps the keys that sign tokens. */
  readonly keyFolder: KeyFolder;
  /** Proxies whose word on the address of clients counts. @default none */
  readonly trustedProxies?: readonly string[];
  /** Module that compares passwords when it is run as a worker. @default this library's own */
  readonly workerEntry?: string;
}

type Factory<Type extends AuthConfig["type"]> = (
  config: AuthConfig & { readonly type: Type },
  surroundings: AuthSurroundings,
) => Promise<AccessController | undefined>;

const CONTROLLERS: { readonly [Type in AuthConfig["type"]]: Factory<Type> } = {
  none: () => Promise.resolve(undefined),
  async silly(config) {
    const { createSillyController } = await import("./silly.ts");
    return createSillyController(config);
  },
  async htpasswd({ realm, path }, surroundings) {
    const { log, clock } = surroundings;
    const { createHtpasswdController } = await import("./htpasswd.ts");
    const { ensureUsersFile } = await import("./users_file.ts");
    const { parseHtpasswd } = await import("./htpasswd_file.ts");
    const { WatchedFile } = await import("./watched_file.ts");
    await ensureUsersFile(path, log);
    const users = new WatchedFile(path, { parse: parseHtpasswd, clock });
    await users.get();
    return createHtpasswdController({ realm, users, passwords: await makeChecker(surroundings) });
  },
  async token(config, { clock }) {
    const { createTokenController } = await import("./token.ts");
    const { loadTrustedKeys } = await import("./trusted_keys.ts");
    const { TokenVerifier } = await import("./token_verifier.ts");
    const { realm, service, issuer, signingAlgorithms, autoRedirect, autoRedirectPath } = config;
    const findKey = await loadTrustedKeys(config, clock);
    const algorithms = signingAlgorithms;
    const verifier = new TokenVerifier({ issuer, audience: service, algorithms, findKey, clock });
    const redirect = autoRedirect ? { autoRedirectPath } : {};
    return createTokenController({ realm, service, verifier, ...redirect });
  },
  async stowage(config, surroundings) {
    const { makeStowageController } = await import("./make_stowage.ts");
    const passwords = await makeChecker(surroundings);
    return await makeStowageController(config, { ...surroundings, passwords });
  },
};

/**
 * Makes the controller that the section `auth` names.
 *
 * @returns `undefined` where everybody may do everything
 * @throws {AuthError} unavailable: a file is not what it should be
 * @throws {Error} a file cannot be read
 */
export async function createAccessController<Type extends AuthConfig["type"]>(
  config: AuthConfig & { readonly type: Type },
  surroundings: AuthSurroundings,
): Promise<AccessController | undefined> {
  const factory: Factory<Type> = CONTROLLERS[config.type];
  return await factory(config, surroundings);
}

async function makeChecker(surroundings: AuthSurroundings) {
  const { log, clock, timers, workerEntry, trustedProxies = [] } = surroundings;
  const { createAttemptAddress } = await import("./attempt_address.ts");
  const { PasswordChecker } = await import("./password_checker.ts");
  const { PasswordThread } = await import("./password_thread.ts");
  const comparer = new PasswordThread({
    log,
    ...workerEntry === undefined ? {} : { entry: workerEntry },
  });
  return new PasswordChecker({
    comparer,
    clock,
    timers,
    attemptAddress: createAttemptAddress(trustedProxies),
  });
}
