/**
 * The names that token servers give to keys.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { calculateJwkThumbprint, type JWK } from "jose";

/** Source: RFC 4648, section 6. */
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * Every name by which a public key may be meant: its thumbprint, the one that Distribution computes
 * for elliptic curves, whose coordinates it does not pad, and the one of the 2.x releases.
 *
 * Source: RFC 7638; reference of Distribution, "token", trusted ids.
 */
export async function keyIds(jwk: JWK, spki: Uint8Array): Promise<readonly string[]> {
  const names = [await calculateJwkThumbprint(jwk), await calculateJwkThumbprint(unpadded(jwk))];
  return [...new Set([...names, fingerprint(spki)])];
}

function unpadded(jwk: JWK): JWK {
  if (jwk.kty !== "EC") return jwk;
  const { x = "", y = "" } = jwk;
  return { ...jwk, x: withoutZeros(x), y: withoutZeros(y) };
}

function withoutZeros(coordinate: string): string {
  const bytes = Buffer.from(coordinate, "base64url");
  const start = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(Math.max(start, 0)).toString("base64url");
}

/** Twelve groups of four letters: 240 bits of the SHA-256 of the key. */
function fingerprint(spki: Uint8Array): string {
  const bytes = createHash("sha256").update(spki).digest().subarray(0, 30);
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => BASE32[parseInt(five, 2)]).join("");
  return (letters.match(/.{4}/g) ?? []).join(":");
}
