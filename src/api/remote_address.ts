import type { Client } from "../base/client.ts";

const ADDRESS_REGEXP = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/;

/**
 * Where a request comes from: what a proxy says of it, or the other end of the connection.
 *
 * Source: reference of Distribution, "Application log", client address.
 */
export function remoteAddress(headers: Headers, { address, port }: Client): string {
  const forwarded = headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "";
  if (ADDRESS_REGEXP.test(forwarded)) return forwarded;
  const real = headers.get("x-real-ip")?.trim() ?? "";
  if (ADDRESS_REGEXP.test(real)) return real;
  if (port === undefined) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
