import { moduleExports } from "../base/module_exports.ts";
import type { LetsEncryptConfig } from "../config/sections/http_tls.ts";
import type { AcmeStore } from "./acme_store.ts";
import type { TlsIdentity } from "./tls_files.ts";

/** What is known of a certificate. */
export interface CertificateFacts {
  readonly hosts: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What the schedule of certificates asks of an ACME client. */
export interface AcmeOrders {
  /**
   * Asks the authority for a certificate, with a new key.
   * @throws whatever the authority, or the way to it, says
   */
  order(): Promise<TlsIdentity>;
  /**
   * Reads a certificate in PEM form.
   * @throws it is none
   */
  read(pem: string): CertificateFacts;
}

/** Orders certificates as a configuration says; the library is loaded only now. */
export async function createAcmeOrders(
  letsEncrypt: LetsEncryptConfig,
  store: AcmeStore,
): Promise<AcmeOrders> {
  const { Client, crypto, directory } = moduleExports(await import("acme-client"));
  const { email, hosts, directoryUrl = directory.letsencrypt.production } = letsEncrypt;
  const makeKey = async () => (await crypto.createPrivateEcdsaKey()).toString();

  return {
    async order() {
      const client = new Client({ directoryUrl, accountKey: await keepAccountKey(store, makeKey) });
      const [key, csr] = await crypto.createCsr({ altNames: [...hosts] }, await makeKey());
      const cert = await client.auto({
        csr,
        ...email === undefined ? {} : { email },
        // Whoever switches this on agrees, as with Distribution.
        termsOfServiceAgreed: true,
        challengePriority: ["http-01"],
        // The host may not reach itself by its own name.
        skipChallengeVerification: true,
        challengeCreateFn: (_authorization, { token }, answer) =>
          store.saveChallenge(token, answer),
        challengeRemoveFn: (_authorization, { token }) => store.removeChallenge(token),
      });
      return { cert, key: key.toString() };
    },
    read(pem) {
      const { domains, notBefore, notAfter } = crypto.readCertificateInfo(pem);
      return {
        hosts: [domains.commonName, ...domains.altNames],
        notBeforeMs: notBefore.getTime(),
        notAfterMs: notAfter.getTime(),
      };
    },
  };
}

/** The key of the account that was used before, or else a new one. */
async function keepAccountKey(store: AcmeStore, makeKey: () => Promise<string>): Promise<string> {
  const kept = await store.accountKey();
  if (kept !== undefined) return kept;
  const made = await makeKey();
  await store.saveAccountKey(made);
  return made;
}
