import { Buffer } from "node:buffer";
import type { AccessController, AccessRecord, AccessRequest } from "../../src/auth/controller.ts";
import { AuthError, type AuthErrorDetails } from "../../src/auth/errors.ts";

/** What a test may set of a request. */
export interface Asked {
  readonly authorization?: string;
  readonly access?: readonly AccessRecord[];
  readonly mountFrom?: string;
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request for access. */
export function asking(
  { authorization, access = [], mountFrom, address = "203.0.113.1", headers = {} }: Asked = {},
): AccessRequest {
  const sent = new Headers(headers);
  if (authorization !== undefined) sent.set("authorization", authorization);
  return {
    request: new Request("http://registry.test/v2/", { headers: sent }),
    client: { address, port: 40000 },
    access,
    origin: () => "http://registry.test",
    ...mountFrom === undefined ? {} : { mountFrom },
  };
}

/** A right to a repository. */
export function right(name: string, action: string): AccessRecord {
  return { type: "repository", name, action };
}

/** The header that a client makes of a name and a password. */
export function basic(userName: string, password: string): string {
  return `Basic ${Buffer.from(`${userName}:${password}`).toString("base64")}`;
}

/** What a controller refuses with. */
export async function refusal(
  controller: AccessController,
  asked: AccessRequest,
): Promise<AuthErrorDetails["unauthorized"] & { readonly code: string }> {
  try {
    await controller.authorize(asked);
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return { code: error.code, ...error.detail } as never;
  }
  throw new Error("Cannot test a refusal: the request was granted");
}
