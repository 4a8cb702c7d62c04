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
