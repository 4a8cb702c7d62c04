import type { Logger } from "@logtape/logtape";
import type { Clock } from "../base/clock.ts";
import type { StowageAuthConfig } from "../config/config.ts";
import { AccessSource } from "./access_source.ts";
import type { AccessController } from "./controller.ts";
import { DiskKeyFolder } from "./disk_key_folder.ts";
import type { KeyFolder } from "./key_folder.ts";
import { KEY_ALGORITHM, KeyRing } from "./key_ring.ts";
import type { PasswordChecker } from "./password_checker.ts";
import { StowageController } from "./stowage.ts";
import { TokenIssuer } from "./token_issuer.ts";
import { createTokenPages } from "./token_pages.ts";
import { TokenVerifier } from "./token_verifier.ts";

/** What {@linkcode makeStowageController} works with. */
export interface StowageSurroundings {
  readonly log: Logger;
  readonly clock: Clock;
  /** Keeps the keys, unless the configuration names a folder. */
  readonly keyFolder: KeyFolder;
  readonly passwords: PasswordChecker;
}

/** How much longer than what it signed a key is kept, in milliseconds: clocks differ. */
const KEY_MARGIN_MS = 60 * 60_000;

/**
 * Puts the built-in token service together, and makes its first key where there is none.
 *
 * @throws {AuthError} unavailable: the access file is not what it should be
 * @throws {Error} a file cannot be read, or a key not be kept
 */
export async function makeStowageController(
  config: StowageAuthConfig,
  { log, clock, keyFolder, passwords }: StowageSurroundings,
): Promise<AccessController> {
  const { realm, service, tokenTtlMs, refreshTtlMs, keyRotationMs } = config;
  const source = new AccessSource(config.path, { log, clock });
  await source.get();
  const keys = new KeyRing(config.keys === undefined ? keyFolder : new DiskKeyFolder(config.keys), {
    clock,
    rotationMs: keyRotationMs,
    lifetimeMs: Math.max(tokenTtlMs, refreshTtlMs) + KEY_MARGIN_MS,
  });
  await keys.signingKey();
  const verifier = new TokenVerifier({
    issuer: service,
    audience: service,
    algorithms: [KEY_ALGORITHM],
    clock,
    async findKey({ kid = "" }) {
      const key = await keys.publicKey(kid);
      if (key === undefined) throw new Error("Cannot find the key of the token");
      return key;
    },
  });
  const issuer = new TokenIssuer({ keys, clock, service, tokenTtlMs, refreshTtlMs });
  const pages = createTokenPages({ service, source, passwords, issuer, keys });
  return new StowageController({ realm, service, source, passwords, verifier, pages });
}
