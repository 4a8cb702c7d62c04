import type { AcmeStore } from "./acme_store.ts";
import type { Handler } from "./handler.ts";

/** Where an authority asks. Source: RFC 8555, section 8.3. */
const CHALLENGE_PREFIX = "/.well-known/acme-challenge/";

/** Answers the questions of an ACME authority, and sends everybody else to HTTPS. */
export function createAcmeResponder(store: AcmeStore, hosts: readonly string[]): Handler {
  const known = new Set(hosts);
  return async function answerAuthority(request) {
    const { hostname, pathname, search } = new URL(request.url);
    if (pathname.startsWith(CHALLENGE_PREFIX)) {
      const answer = await store.challenge(pathname.slice(CHALLENGE_PREFIX.length));
      return answer === undefined ? plain("no such challenge", 404) : plain(answer, 200);
    }
    // Only to hosts of ours: a redirect to whatever a client names would serve others.
    if (!known.has(hostname) || !["GET", "HEAD"].includes(request.method)) {
      return plain("use https", 400);
    }
    const location = `https://${hostname}${pathname}${search}`;
    return new Response(null, { status: 302, headers: { location, "content-length": "0" } });
  };
}

function plain(text: string, status: number): Response {
  const headers = { "content-type": "text/plain", "content-length": String(text.length) };
  return new Response(text, { status, headers });
}
