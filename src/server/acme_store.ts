import { join } from "@std/path";
import type { TlsFiles, TlsIdentity } from "./tls_files.ts";

/** For the owner of the process alone. */
const SECRET_FILE: Deno.WriteFileOptions = { mode: 0o600 };

/** Tokens as ACME authorities give them. Source: RFC 8555, section 8.3. */
const TOKEN_REGEXP = /^[A-Za-z0-9_-]{1,256}$/;

/**
 * The folder in which ACME leaves its traces: the key of the account, the certificate, and what the
 * authority is to be answered. Replicas may share it: each can answer then, and one certificate
 * serves all.
 *
 * The account's key has the place where Distribution keeps it, so that the account stays the same.
 */
export class AcmeStore {
  readonly #folder: string;

  /** @param folder `http.tls.letsencrypt.cachefile`; it is made when something is to be kept */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where certificate and key are: in one file, so that they change at once. */
  get files(): TlsFiles {
    const path = join(this.#folder, "stowage.pem");
    return { certificate: path, key: path };
  }

  /** The key of the account, in PEM form; `undefined` where there is none yet. */
  accountKey(): Promise<string | undefined> {
    return readIfPresent(this.#accountKeyPath);
  }

  /** Keeps the key of the account. */
  async saveAccountKey(pem: string): Promise<void> {
    await this.#write(this.#accountKeyPath, pem);
  }

  /** The certificate with its chain, in PEM form; `undefined` where there is none yet. */
  certificate(): Promise<string | undefined> {
    return readIfPresent(this.files.certificate);
  }

  /** Keeps a certificate and its key, in the place of those before. */
  async saveIdentity({ cert, key }: TlsIdentity): Promise<void> {
    await this.#write(this.files.certificate, `${cert.trim()}\n${key.trim()}\n`);
  }

  /** What the authority is to be told when it asks for a token. */
  challenge(token: string): Promise<string | undefined> {
    if (!TOKEN_REGEXP.test(token)) return Promise.resolve(undefined);
    return readIfPresent(this.#challengePath(token));
  }

  /** Keeps what the authority is to be told. */
  async saveChallenge(token: string, answer: string): Promise<void> {
    if (!TOKEN_REGEXP.test(token)) throw new TypeError("Cannot keep a challenge of that name");
    await this.#write(this.#challengePath(token), answer);
  }

  /** Forgets what the authority was told. */
  async removeChallenge(token: string): Promise<void> {
    try {
      await Deno.remove(this.#challengePath(token));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  get #accountKeyPath(): string {
    return join(this.#folder, "acme_account+key");
  }

  #challengePath(token: string): string {
    return join(this.#folder, `${token}+http-01`);
  }

  /** Replaces a file at once. */
  async #write(path: string, text: string): Promise<void> {
    await Deno.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const draft = `${path}.${crypto.randomUUID()}`;
    try {
      await Deno.writeTextFile(draft, text, SECRET_FILE);
      await Deno.rename(draft, path);
    } catch (error) {
      await Deno.remove(draft).catch(() => {});
      throw error;
    }
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
