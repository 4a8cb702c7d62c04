import type { Clock } from "../base/clock.ts";
import { type AccessEntry, formatAccess } from "../log/access.ts";
import type { LineSink } from "../log/line_writer.ts";
import { formatClf, rememberSecond } from "../log/timestamp.ts";
import type { Handler } from "./handler.ts";

/** What an entry has before its answer is known. */
type EntryStart = Omit<AccessEntry, "status" | "bytes">;

/** Answers without a body, whatever length they name. */
const BODILESS_STATUSES: ReadonlySet<number> = new Set([204, 304]);

/** An orchestrator asks these every second; only an answer that is bad news is worth a line. */
const PROBE_URIS: readonly string[] = ["/livez", "/readyz"];

/**
 * Writes a line of the access log for every request; without a `writer` the handler comes back as
 * it is.
 *
 * The bytes of a line are those that the answer announces. Where it announces none they are counted
 * as they go out, and the line is written when the last has gone.
 */
export function withAccessLog(
  handler: Handler,
  writer: LineSink | undefined,
  clock: Clock,
): Handler {
  if (writer === undefined) return handler;
  const formatTime = rememberSecond((timeMs) => formatClf(timeMs));
  const log = (start: EntryStart, status: number, bytes: number) => {
    if (status === 200 && PROBE_URIS.includes(start.uri)) return;
    writer.write(formatAccess({ ...start, status, bytes }, formatTime));
  };

  return async function answerAndLog(request, client) {
    const start = startEntry(request, client.address, clock.now());
    let response: Response;
    try {
      response = await handler(request, client);
    } catch (error) {
      log(start, 500, 0);
      throw error;
    }
    const { status } = response;
    const length = knownLength(request, response);
    if (length !== undefined) {
      log(start, status, length);
      return response;
    }
    // Only now: asking a response for its body costs it the short way out.
    const { body } = response;
    if (body !== null) {
      return new Response(countBytes(body, (n) => log(start, status, n)), response);
    }
    log(start, status, 0);
    return response;
  };
}

function startEntry(request: Request, host: string, startedAtMs: number): EntryStart {
  const { headers, method, url } = request;
  return {
    host,
    startedAtMs,
    method,
    uri: requestTarget(url),
    // The runtime does not tell; of the versions that it speaks, HTTP/2 alone has no such header.
    protocol: headers.has("host") ? "HTTP/1.1" : "HTTP/2.0",
    referer: headers.get("referer") ?? "",
    userAgent: headers.get("user-agent") ?? "",
  };
}

/** Path and query of a URL, exactly as they stand in it. */
function requestTarget(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start === -1 ? "/" : url.slice(start);
}

function knownLength(request: Request, response: Response): number | undefined {
  if (request.method === "HEAD" || BODILESS_STATUSES.has(response.status)) return 0;
  const length = response.headers.get("content-length");
  return length === null ? undefined : Number(length);
}

/** Passes a body on, and tells its length when it ends, breaks off or is no longer wanted. */
function countBytes(
  body: ReadableStream<Uint8Array>,
  ended: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  let hasEnded = false;
  // It may end while a piece is still waited for, which then ends too.
  const end = () => {
    if (!hasEnded) ended(bytes);
    hasEnded = true;
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          end();
          controller.close();
          return;
        }
        bytes += value.byteLength;
        controller.enqueue(value);
      } catch (error) {
        end();
        throw error;
      }
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
