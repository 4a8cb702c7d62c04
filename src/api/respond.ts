import type { ApiError } from "./api_error.ts";
import { ERROR_CODES } from "./error_codes.ts";
import { jsonReply, type Reply } from "./reply.ts";

/**
 * Writes the document of an error; nothing else does.
 *
 * Source: OCI distribution specification, "Error Codes".
 */
export function errorReply(error: ApiError): Reply {
  const errors = error.entries.map(({ code, message, detail }) => ({
    code,
    message: message ?? ERROR_CODES[code].message,
    ...detail === undefined ? {} : { detail },
  }));
  return jsonReply({ errors }, { status: error.status, headers: error.headers });
}

/** Makes the response; a HEAD request gets the headers alone. */
export function toResponse(
  reply: Reply,
  options: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
  },
): Response {
  const body = options.method === "HEAD" ? null : reply.body ?? null;
  const response = new Response(body, { status: reply.status });
  // Given to the constructor, they cost five times as much.
  for (const [name, value] of Object.entries(options.headers)) response.headers.set(name, value);
  for (const [name, value] of Object.entries(reply.headers)) response.headers.set(name, value);
  return response;
}
