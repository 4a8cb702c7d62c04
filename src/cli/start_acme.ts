import type { Logger } from "@logtape/logtape";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS } from "../base/timers.ts";
import type { Config } from "../config/config.ts";
import type { LetsEncryptConfig } from "../config/sections/http_tls.ts";
import { AcmeCertificates } from "../server/acme_certificates.ts";
import { createAcmeOrders } from "../server/acme_order.ts";
import { createAcmeResponder } from "../server/acme_responder.ts";
import { AcmeStore } from "../server/acme_store.ts";
import { startServer } from "../server/start_server.ts";

/** Certificates by ACME, as long as the program runs. */
export interface Acme {
  /** The configuration with the files that the certificate is kept in. */
  readonly config: Config;
  /** Ends it. */
  stop(): Promise<void>;
}

/**
 * Sees to certificates by ACME where the configuration asks for them. This is for the one thread
 * that does what is done once; those that serve read the files, and notice when they change.
 *
 * @returns `undefined` where it does not ask; otherwise when there is a certificate, however long
 *   that takes
 * @throws {ServerError} nobody can listen for the questions of the authority
 */
export async function startAcme(
  config: Config,
  options: { readonly log: Logger },
): Promise<Acme | undefined> {
  const { tls } = config.http;
  if (tls?.letsEncrypt === undefined) return undefined;
  const { letsEncrypt } = tls;
  const { hosts } = letsEncrypt;
  const { log } = options;
  const store = new AcmeStore(letsEncrypt.cacheFile);
  const responder = await listenForAuthority(letsEncrypt, { store, log });
  const orders = await createAcmeOrders(letsEncrypt, store);
  const certificates = new AcmeCertificates({
    store,
    orders,
    hosts,
    clock: SYSTEM_CLOCK,
    timers: SYSTEM_TIMERS,
    log,
  });
  await certificates.start();
  return {
    config: { ...config, http: { ...config.http, tls: { ...tls, ...store.files } } },
    async stop() {
      certificates.close();
      await responder.drain(0);
    },
  };
}

function listenForAuthority(
  { httpAddr, hosts }: LetsEncryptConfig,
  { store, log }: { readonly store: AcmeStore; readonly log: Logger },
) {
  return startServer({
    handler: createAcmeResponder(store, hosts),
    addr: httpAddr,
    addrKey: "http.tls.letsencrypt.httpaddr",
    log,
  });
}
