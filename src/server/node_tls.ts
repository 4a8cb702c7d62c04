import { createSecureServer, type Http2SecureServer } from "node:http2";
import { createServer, type Server as HttpsServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { HTTP2_SETTINGS } from "./node_connections.ts";
import type { TlsIdentity } from "./tls_files.ts";
import type { TlsSettings } from "./tls_settings.ts";

/** What a secure server is made of. */
export interface NodeTls {
  readonly settings: TlsSettings;
  /** The certificate to begin with. */
  readonly identity: TlsIdentity;
  /** Authorities for client certificates, in PEM form. */
  readonly clientCas: readonly string[];
}

/** A server over TLS, with HTTP/2 or without. */
export type SecureServer = HttpsServer | Http2SecureServer;

/** Makes a server that speaks TLS; it does not listen yet. */
export function createNodeTlsServer(
  tls: NodeTls,
  httpOptions: NonNullable<Parameters<typeof createServer>[0]>,
): SecureServer {
  const { settings: { minimumTls = "tls1.2", http2 = true } } = tls;
  const options = {
    ...httpOptions,
    ...secureContext(tls, tls.identity),
    ...clientOptions(tls),
    minVersion: minimumTls === "tls1.3" ? "TLSv1.3" as const : "TLSv1.2" as const,
  };
  const server = http2
    ? createSecureServer({
      ...options,
      allowHTTP1: true,
      settings: HTTP2_SETTINGS,
    })
    : createServer(options);
  admitClients(server, tls);
  return server;
}

/** Lets a server use another certificate from now on. */
export function renewNodeTls(server: SecureServer, tls: NodeTls, identity: TlsIdentity): void {
  server.setSecureContext(secureContext(tls, identity));
}

function secureContext({ clientCas }: NodeTls, { cert, key }: TlsIdentity) {
  return clientCas.length === 0 ? { cert, key } : { cert, key, ca: [...clientCas] };
}

function clientOptions({ clientCas, settings }: NodeTls) {
  if (clientCas.length === 0) return {};
  const { clientAuth } = settings;
  return { requestCert: true, rejectUnauthorized: clientAuth === "require-and-verify-client-cert" };
}

/** Ends connections whose client certificate is not what `clientAuth` asks for. */
function admitClients(server: SecureServer, { clientCas, settings: { clientAuth } }: NodeTls) {
  if (clientCas.length === 0 || clientAuth === "request-client-cert") return;
  const isAdmitted = (socket: TLSSocket): boolean => {
    const hasCertificate = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    if (clientAuth === "require-any-client-cert") return hasCertificate;
    if (clientAuth === "verify-client-cert-if-given") return !hasCertificate || socket.authorized;
    return socket.authorized;
  };
  server.prependListener("secureConnection", (socket: TLSSocket) => {
    if (!isAdmitted(socket)) socket.destroy();
  });
}
