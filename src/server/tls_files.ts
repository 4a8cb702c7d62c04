import { createPrivateKey, X509Certificate } from "node:crypto";
import { ServerError } from "./error.ts";

/** Where the certificate of a server and its key are. */
export interface TlsFiles {
  /** Path of the certificate chain, in PEM form. */
  readonly certificate: string;
  /** Path of the private key, in PEM form. */
  readonly key: string;
}

/** A certificate and its key, as `Deno.serve` takes them. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

const CERTIFICATE_REGEXP = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/;
const KEY_REGEXP = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/;
const ENCRYPTED_KEY_REGEXP = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/;

/**
 * Reads a certificate and its key. Whether they belong together shows when the server starts, where
 * the runtime cannot tell before.
 *
 * @throws {ServerError} tls_unreadable, tls_invalid
 */
export async function readTlsFiles(files: TlsFiles): Promise<TlsIdentity> {
  const cert = await readPem("http.tls.certificate", files.certificate);
  const key = await readPem("http.tls.key", files.key);
  if (!CERTIFICATE_REGEXP.test(cert)) {
    throw invalid("http.tls.certificate", files.certificate, "it holds no certificate in PEM form");
  }
  if (ENCRYPTED_KEY_REGEXP.test(key)) {
    throw invalid("http.tls.key", files.key, "it is encrypted; a key without passphrase is needed");
  }
  if (!KEY_REGEXP.test(key)) {
    throw invalid("http.tls.key", files.key, "it holds no private key in PEM form");
  }
  if (!belongTogether(cert, key)) throw tlsRefused(files, new Error("KeyMismatch"));
  return { cert, key };
}

/**
 * Reads the authorities for client certificates.
 *
 * @throws {ServerError} tls_unreadable, tls_invalid
 */
export async function readClientCas(paths: readonly string[]): Promise<readonly string[]> {
  return await Promise.all(paths.map(async (path, index) => {
    const name = `http.tls.clientcas[${index}]`;
    const pem = await readPem(name, path);
    if (!CERTIFICATE_REGEXP.test(pem)) {
      throw invalid(name, path, "it holds no certificate in PEM form");
    }
    return pem;
  }));
}

/** Whether a key is that of a certificate, as far as the runtime can tell. */
function belongTogether(cert: string, key: string): boolean {
  const certificate = new X509Certificate(cert);
  let privateKey;
  try {
    privateKey = createPrivateKey(key);
    return certificate.checkPrivateKey(privateKey);
  } catch {
    // Deno 2.4 has no such check, and some forms of keys are known to servers alone.
    return true;
  }
}

/** Says that the runtime did not take a certificate and its key. */
export function tlsRefused(files: TlsFiles, cause: unknown): ServerError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const reason = said.includes("KeyMismatch") ? "they do not belong together" : said;
  const names = `http.tls.certificate "${files.certificate}" and http.tls.key "${files.key}"`;
  return new ServerError("tls_invalid", `Cannot use ${names}: ${reason}`, { cause });
}

async function readPem(name: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new ServerError("tls_unreadable", `Cannot read ${name} "${path}": ${reason}`, { cause });
  }
}

function invalid(name: string, path: string, reason: string): ServerError {
  return new ServerError("tls_invalid", `Cannot use ${name} "${path}": ${reason}`);
}
