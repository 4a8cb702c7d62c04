import type { Report } from "../_report.ts";
import { choice, list, optionalSection, type Output, section, text } from "../fields.ts";
import { present } from "./_present.ts";
import { HOST_PORT, HTTP_URL } from "./_rules.ts";

/** Name of a cipher suite, as Go writes it. */
export type CipherSuite =
  | "TLS_RSA_WITH_3DES_EDE_CBC_SHA"
  | "TLS_RSA_WITH_AES_128_CBC_SHA"
  | "TLS_RSA_WITH_AES_256_CBC_SHA"
  | "TLS_RSA_WITH_AES_128_GCM_SHA256"
  | "TLS_RSA_WITH_AES_256_GCM_SHA384"
  | "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"
  | "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"
  | "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"
  | "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
  | "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"
  | "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  | "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
  | "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
  | "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  | "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
  | "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
  | "TLS_AES_128_GCM_SHA256"
  | "TLS_AES_256_GCM_SHA384"
  | "TLS_CHACHA20_POLY1305_SHA256";

/** Source: the names of Go's `crypto/tls` that Distribution takes. */
const CIPHER_SUITES: readonly CipherSuite[] = [
  "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_RSA_WITH_AES_128_CBC_SHA",
  "TLS_RSA_WITH_AES_256_CBC_SHA",
  "TLS_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** The suites that are offered where the file names none. */
export const DEFAULT_CIPHER_SUITES: readonly CipherSuite[] = CIPHER_SUITES.filter((name) =>
  !name.startsWith("TLS_RSA") && !name.includes("_CBC_")
);

/** The fields of `http.tls`. */
export const tlsSection = optionalSection({
  certificate: text({ about: "PEM file of the certificate with its chain; switches TLS on." }),
  key: text({ about: "PEM file of the private key." }),
  clientcas: list(text({ about: "A PEM file." }), {
    about: "PEM files of authorities; switches client certificates on.",
  }),
  clientauth: choice([
    "request-client-cert",
    "require-any-client-cert",
    "verify-client-cert-if-given",
    "require-and-verify-client-cert",
  ], {
    about: "What is asked of client certificates; only with `clientcas`.",
    default: "require-and-verify-client-cert",
  }),
  minimumtls: choice(["tls1.2", "tls1.3"], {
    about: "Oldest version of TLS that is spoken.",
    default: "tls1.2",
    replaced: { "tls1.0": "tls1.2", "tls1.1": "tls1.2" },
  }),
  ciphersuites: list(choice(CIPHER_SUITES, { about: "A cipher suite." }), {
    about: `Cipher suites that are offered. Without any: \`${
      DEFAULT_CIPHER_SUITES.join("`, `")
    }\`.`,
  }),
  letsencrypt: section({
    cachefile: text({ about: "Folder for certificates and the account; switches ACME on." }),
    email: text({ about: "Mail address of the account." }),
    hosts: list(text({ about: "A host name." }), {
      about: "Host names for which certificates are asked.",
    }),
    directoryurl: text({
      about: "Directory of another ACME authority.",
      defaultText: "Let's Encrypt",
      rule: HTTP_URL,
    }),
    httpaddr: text({
      about:
        "Where to listen for the questions of the authority, `host:port`; port 80 of every host " +
        "must lead there.",
      default: ":80",
      rule: HOST_PORT,
      own: true,
    }),
  }, { about: "Certificates by ACME." }),
}, { about: "TLS on the main listener." });

type TlsInput = NonNullable<Output<typeof tlsSection>>;

/** What is asked of client certificates. */
export type ClientAuth =
  | "request-client-cert"
  | "require-any-client-cert"
  | "verify-client-cert-if-given"
  | "require-and-verify-client-cert";

/** Certificates by ACME. */
export interface LetsEncryptConfig {
  /** Folder for certificates and the account. */
  readonly cacheFile: string;
  /** Mail address of the account. */
  readonly email?: string;
  /** Host names for which certificates are asked. */
  readonly hosts: readonly string[];
  /** The authority's directory; Let's Encrypt where absent. */
  readonly directoryUrl?: string;
  /** Where to listen for the questions of the authority, `host:port`. */
  readonly httpAddr: string;
}

/** TLS of the main listener: either certificate and key, or `letsEncrypt`. */
export interface TlsConfig {
  /** PEM file. */
  readonly certificate?: string;
  /** PEM file. */
  readonly key?: string;
  /** Certificates by ACME, in the place of a file. */
  readonly letsEncrypt?: LetsEncryptConfig;
  /** PEM files; empty: no client certificates. */
  readonly clientCas: readonly string[];
  /** What is asked of client certificates, with `clientCas` only. */
  readonly clientAuth: ClientAuth;
  /** Oldest version that is spoken. */
  readonly minimumTls: "tls1.2" | "tls1.3";
  /** Never empty. */
  readonly cipherSuites: readonly CipherSuite[];
}

const PATH = ["http", "tls"] as const;

/** Makes the section's final form; `undefined` where TLS is off. */
export function resolveTls(
  raw: Output<typeof tlsSection>,
  report: Report,
): TlsConfig | undefined {
  if (raw === undefined) return undefined;
  const { certificate, key } = raw;
  const letsEncrypt = resolveLetsEncrypt(raw);
  checkPair(raw, report);
  if (certificate === undefined && letsEncrypt === undefined) {
    if (raw.clientcas.length > 0) {
      report.warn([...PATH, "clientcas"], {
        message: "Ignoring the authorities: TLS is off, since there is no certificate",
      });
    }
    return undefined;
  }
  if (raw.minimumtls === "tls1.3" && raw.ciphersuites.length > 0) {
    report.warn([...PATH, "ciphersuites"], {
      message: "Ignoring the cipher suites: TLS 1.3 chooses its own",
    });
  }
  const isChosen = raw.minimumtls === "tls1.2" && raw.ciphersuites.length > 0;
  return present({
    certificate,
    key,
    letsEncrypt,
    clientCas: raw.clientcas,
    clientAuth: raw.clientauth,
    minimumTls: raw.minimumtls,
    cipherSuites: isChosen ? raw.ciphersuites : DEFAULT_CIPHER_SUITES,
  });
}

function resolveLetsEncrypt({ letsencrypt }: TlsInput): LetsEncryptConfig | undefined {
  const { cachefile, email, hosts, directoryurl, httpaddr } = letsencrypt;
  if (cachefile === undefined) return undefined;
  return present({
    cacheFile: cachefile,
    email,
    hosts,
    directoryUrl: directoryurl,
    httpAddr: httpaddr,
  });
}

function checkPair({ certificate, key, letsencrypt }: TlsInput, report: Report): void {
  if (certificate !== undefined && letsencrypt.cachefile !== undefined) {
    report.problem([...PATH, "letsencrypt", "cachefile"], {
      message: "Remove either http.tls.certificate or http.tls.letsencrypt.cachefile: " +
        "a certificate comes from a file or by ACME, not both",
      expected: "no ACME folder beside a certificate",
    });
  }
  if (letsencrypt.cachefile !== undefined && letsencrypt.hosts.length === 0) {
    report.problem([...PATH, "letsencrypt", "hosts"], {
      message: "Name the hosts for which certificates are to be asked",
      expected: "at least one host name",
    });
  }
  if (certificate !== undefined && key === undefined) {
    report.problem([...PATH, "key"], { message: "Add the PEM file of the certificate's key" });
  }
  if (certificate === undefined && key !== undefined) {
    report.warn([...PATH, "key"], {
      message: "Ignoring the key: TLS is off, since there is no certificate",
    });
  }
}
