import { ServerError, type ServerErrorCode } from "./error.ts";
import { formatListenAddress, type ListenAddress } from "./listen_address.ts";

/** What the system says, what it is called here, and what to do about it. */
const REASONS: readonly (readonly [
  matches: (error: Error) => boolean,
  code: ServerErrorCode,
  reason: string,
])[] = [
  [
    (error) => error instanceof Deno.errors.AddrInUse || hasCode(error, "EADDRINUSE"),
    "address_in_use",
    "address already in use; stop the program that listens there, or choose another address",
  ],
  [
    (error) => error instanceof Deno.errors.AddrNotAvailable || hasCode(error, "EADDRNOTAVAIL"),
    "address_unavailable",
    "this machine has no such address",
  ],
  [
    (error) => error instanceof Deno.errors.NotCapable,
    "permission_denied",
    "the runtime may not; start it with --allow-net, and for a unix socket also with " +
    "--allow-read and --allow-write",
  ],
  [
    (error) => error instanceof Deno.errors.PermissionDenied || hasCode(error, "EACCES"),
    "permission_denied",
    "the system does not allow it; ports below 1024 are for privileged users",
  ],
  [
    (error) => error instanceof Deno.errors.NotFound || hasCode(error, "ENOENT"),
    "address_unavailable",
    "its folder does not exist",
  ],
  [
    (error) => error.message.startsWith("failed to lookup address") || hasCode(error, "ENOTFOUND"),
    "address_unavailable",
    "no address is known for this name",
  ],
];

/** Turns what the system said about a listener into the error of this folder. */
export function toServerError(
  error: unknown,
  { address, key }: { readonly address: ListenAddress; readonly key: string },
): ServerError {
  if (error instanceof ServerError) return error;
  const known = error instanceof Error ? REASONS.find(([matches]) => matches(error)) : undefined;
  const [, code, reason] = known ?? [undefined, "listen_failed" as const, describe(error)];
  const message = `Cannot listen on ${key} "${formatListenAddress(address)}": ${reason}`;
  return new ServerError(code, message, { cause: error });
}

/** Tells whether an error of `node:net` has a code of the system. */
function hasCode(error: Error, code: string): boolean {
  return "code" in error && error.code === code;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
