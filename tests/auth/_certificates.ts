import {
  BasicConstraintsExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate with the keys it is about. */
export interface Identity {
  readonly certificate: X509Certificate;
  readonly keys: CryptoKeyPair;
}

/** What to certify. */
export interface CertifyOptions {
  readonly issuer?: Identity;
  readonly algorithm?: "ES256" | "ES384" | "RS256" | "EdDSA";
  readonly isAuthority?: boolean;
  readonly pathLength?: number;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const ALGORITHMS = {
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  ES384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  EdDSA: { name: "Ed25519" },
  RS256: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
} as const;

/** The moment at which these certificates are valid, unless a test says otherwise. */
export const NOW_MS = Date.UTC(2026, 5, 1);

let serial = 0;

/** Makes a key and a certificate of it; without an issuer it certifies itself. */
export async function certify(name: string, options: CertifyOptions = {}): Promise<Identity> {
  const { issuer, algorithm = "ES256", isAuthority = true, pathLength } = options;
  const keys = await crypto.subtle.generateKey(ALGORITHMS[algorithm], true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: (++serial).toString(16).padStart(2, "0"),
    subject: `CN=${name}`,
    issuer: issuer?.certificate.subject ?? `CN=${name}`,
    notBefore: options.notBefore ?? new Date(NOW_MS - 86_400_000),
    notAfter: options.notAfter ?? new Date(NOW_MS + 86_400_000),
    publicKey: (keys as CryptoKeyPair).publicKey,
    signingKey: issuer?.keys.privateKey ?? (keys as CryptoKeyPair).privateKey,
    signingAlgorithm: signing(issuer?.keys.privateKey ?? (keys as CryptoKeyPair).privateKey),
    extensions: [new BasicConstraintsExtension(isAuthority, pathLength, true)],
  });
  return { certificate, keys: keys as CryptoKeyPair };
}

function signing({ algorithm }: CryptoKey) {
  const { namedCurve } = algorithm as EcKeyAlgorithm;
  const hash = namedCurve === "P-384" ? "SHA-384" : "SHA-256";
  return { name: algorithm.name, hash } as EcdsaParams;
}

/** The value of `x5c`. */
export function chainOf(...identities: readonly Identity[]): string[] {
  return identities.map(({ certificate }) => certificate.toString("base64"));
}
