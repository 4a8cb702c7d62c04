import type { Logger } from "@logtape/logtape";
import { LOG_FIELDS } from "../log/fields.ts";

/** Sends a client away, for good on this connection. */
export function refuse(): Response {
  const headers = { "connection": "close", "retry-after": "1", "content-length": "0" };
  return new Response(null, { status: 503, headers });
}

/** Answers in the place of a handler that failed, and says why in the log. */
export function answerFailure(error: unknown, log: Logger): Response {
  logFailure(error, log);
  return new Response(null, { status: 500, headers: { "content-length": "0" } });
}

/** Says in the log what a handler, or the body that it answered with, failed with. */
export function logFailure(error: unknown, log: Logger): void {
  log.error("request failed unexpectedly", {
    [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
    [LOG_FIELDS.errorStack]: error instanceof Error ? error.stack : undefined,
  });
}
