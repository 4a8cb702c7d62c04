/**
 * Conditions of a request, against content whose tag is its digest.
 *
 * @module
 */

/** The `Etag` of content. */
export function etagOf(digest: string): string {
  return `"${digest}"`;
}

/**
 * Tells whether a list of entity tags names content, or is `*`. Weak tags match too: content never
 * changes under its digest. A bare digest matches as well, as with Distribution's manifests.
 *
 * Source: RFC 9110, section 13.1.
 */
export function matchesEtag(header: string, digest: string): boolean {
  return header.split(",").some((part) => {
    const tag = part.trim().replace(/^W\//, "");
    return tag === "*" || tag === digest || tag === etagOf(digest);
  });
}
