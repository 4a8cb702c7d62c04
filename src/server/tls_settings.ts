import type { ClientAuth } from "../config/sections/http_tls.ts";
import type { TlsFiles } from "./tls_files.ts";

/** How a server speaks TLS. */
export interface TlsSettings {
  readonly files: TlsFiles;
  /** Paths of PEM files of authorities for client certificates; empty: clients need none. */
  readonly clientCas?: readonly string[];
  /** What is asked of client certificates, with `clientCas` only. */
  readonly clientAuth?: ClientAuth;
  /** Oldest version that is spoken. @default "tls1.2" */
  readonly minimumTls?: "tls1.2" | "tls1.3";
  /** Whether HTTP/2 is offered. @default true */
  readonly http2?: boolean;
}

/** Whether a server asks for what `Deno.serve` does not have. */
export function needsNode({ clientCas = [], minimumTls, http2 = true }: TlsSettings): boolean {
  return clientCas.length > 0 || minimumTls === "tls1.3" || !http2;
}
