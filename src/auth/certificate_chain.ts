import { BasicConstraintsExtension, PemConverter, X509Certificate } from "@peculiar/x509";

/** Longest way from a certificate to a root that is tried. */
const MAX_DEPTH = 8;

/**
 * Reads the certificates of a PEM file; what else is in it is passed over.
 *
 * @throws {Error} a certificate cannot be read
 */
export function parseCertificates(pem: string): X509Certificate[] {
  return PemConverter.decodeWithHeaders(pem).filter(({ type }) => type === "CERTIFICATE")
    .map(({ rawData }) => new X509Certificate(rawData));
}

/** Certificates that are trusted by themselves, and the moment at which all have to be valid. */
export interface Trust {
  readonly roots: readonly X509Certificate[];
  readonly now: Date;
}

/**
 * Tells whether a way leads from the first certificate of a chain to a root, every one on it being
 * valid now, and every one but the first an authority's.
 *
 * Source: RFC 5280, section 6.1, without policies and constraints on names.
 */
export async function isTrustedChain(
  [leaf, ...intermediates]: readonly X509Certificate[],
  trust: Trust,
): Promise<boolean> {
  if (leaf === undefined || !isValidAt(leaf, trust.now)) return false;
  if (trust.roots.some((root) => root.equal(leaf))) return true;
  return await leadsToRoot(leaf, { intermediates, trust, depth: 0 });
}

async function leadsToRoot(
  certificate: X509Certificate,
  way: {
    readonly intermediates: readonly X509Certificate[];
    readonly trust: Trust;
    /** How many authorities lie between the first certificate and this one's issuer. */
    readonly depth: number;
  },
): Promise<boolean> {
  const { intermediates, trust, depth } = way;
  if (depth > MAX_DEPTH) return false;
  for (const root of trust.roots) {
    if (await isIssuer(root, certificate, { now: trust.now, depth })) return true;
  }
  for (const issuer of intermediates) {
    if (!await isIssuer(issuer, certificate, { now: trust.now, depth })) continue;
    const others = intermediates.filter((other) => other !== issuer);
    if (await leadsToRoot(issuer, { ...way, intermediates: others, depth: depth + 1 })) return true;
  }
  return false;
}

async function isIssuer(
  issuer: X509Certificate,
  certificate: X509Certificate,
  { now, depth }: { readonly now: Date; readonly depth: number },
): Promise<boolean> {
  if (issuer.subject !== certificate.issuer || !isValidAt(issuer, now)) return false;
  const { ca = false, pathLength = Infinity } = issuer.getExtension(BasicConstraintsExtension) ??
    {};
  if (!ca || depth > pathLength) return false;
  try {
    return await certificate.verify({ publicKey: issuer.publicKey, signatureOnly: true });
  } catch {
    // A signature of a kind that this runtime does not know.
    return false;
  }
}

function isValidAt({ notBefore, notAfter }: X509Certificate, now: Date): boolean {
  return notBefore <= now && now <= notAfter;
}
