import type { Logger } from "@logtape/logtape";
import type { Client } from "../base/client.ts";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import { LOG_FIELDS, type LogFields } from "../log/fields.ts";
import type { ApiError } from "./api_error.ts";
import { ERROR_CODES } from "./error_codes.ts";
import { remoteAddress } from "./remote_address.ts";
import type { Reply } from "./reply.ts";
import { splitUrl } from "./request_path.ts";
import type { RouteMatch } from "./route_match.ts";

/** Writes the lines of one request. Nothing is put together for a line that is not written. */
export interface RequestLog {
  /** When the request came, by `performance.now`. */
  readonly startedMs: number;
  /** Names the request in the log. */
  readonly requestId: () => string;
  /** For lines in between; knows the request. */
  readonly logger: Logger;
  /** Notes what the path says. */
  matched(match: RouteMatch): void;
  /** Notes who asks; empty for somebody unknown. */
  authorized(userName: string): void;
  /**
   * Writes the last line of a request that was answered.
   *
   * @param sent settles when the answer has gone out: the line of a stream waits for that
   */
  completed(reply: Reply, sent?: Promise<unknown>): void;
  /** Writes the lines of a request that failed. */
  failed(error: ApiError, reply: Reply): void;
}

/** Which variable of the path a route has, in the names of Distribution's log. */
const VARIABLE_FIELDS: Readonly<Record<string, string>> = {
  ":reference": LOG_FIELDS.reference,
  ":digest": LOG_FIELDS.digest,
  ":uuid": LOG_FIELDS.uuid,
};

/** Most lines that one failed request writes: a manifest may have a thousand faults. */
const MAX_ERROR_LINES = 10;

/** Begins the log of a request. */
export function startRequestLog(log: Logger, request: Request, client: Client): RequestLog {
  const startedMs = performance.now();
  const { method } = request;
  let match: RouteMatch | undefined;
  let userName = "";
  let logger: Logger | undefined;
  const makeId = onceId();
  const known = () => requestFields(request, { client, match, userName, requestId: makeId() });
  return {
    startedMs,
    requestId: makeId,
    get logger() {
      return logger ??= log.with(known());
    },
    matched(found) {
      match = found;
    },
    authorized(name) {
      userName = name;
    },
    completed(reply, sent) {
      if (!log.isEnabledFor("info")) return;
      const write = (message: string) => {
        const fields = addResponse(known(), { reply, startedMs, method });
        writeLine(log, { level: "info", message, fields });
      };
      writeWhenSent(write, { body: reply.body, sent });
    },
    failed(error, reply) {
      // What a client did wrong, or asked for in vain, is an ordinary event of an ordinary day.
      const level = error.status >= 500 ? "error" : "info";
      if (!log.isEnabledFor(level)) return;
      for (const about of errorFields(error)) {
        const fields = addResponse({ ...known(), ...about }, { reply, startedMs, method });
        writeLine(log, { level, message: "response completed with error", fields });
      }
    },
  };
}

/** Makes an id when it is first asked for: most requests need none. */
function onceId(): () => string {
  let id: string | undefined;
  return () => id ??= newRequestId();
}

/**
 * A UUID of version 7: the time, then what is random in one of version 4. So it costs a tenth of
 * what it does to make one from bytes, and every line of the log and every event has one.
 *
 * Source: RFC 9562, section 5.7.
 */
function newRequestId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

/** Writes the last line with its message, when that is known. */
function writeWhenSent(
  write: (message: string) => void,
  { body, sent }: { readonly body: Reply["body"]; readonly sent: Promise<unknown> | undefined },
): void {
  const isSent = sent === undefined || !(body instanceof ReadableStream);
  if (isSent) write("response completed");
  else sent.then(() => write("response completed"), () => write("response broken off"));
}

/** Fields of a line that is being put together. */
type OpenFields = Record<string, unknown>;

/**
 * Writes a line with all its fields. As a record, which is what the logger makes of its arguments
 * too: most of the time that a line takes would go into making it. Where in the source it was
 * logged is not told: it is here, always.
 */
function writeLine(
  log: Logger,
  { level, message, fields }: {
    readonly level: "info" | "error";
    readonly message: string;
    readonly fields: OpenFields;
  },
): void {
  const record = {
    // With its category the record is taken as it is.
    category: log.category,
    level,
    message: [message],
    rawMessage: message,
    timestamp: SYSTEM_CLOCK.now(),
    properties: fields,
  };
  log.emit(record);
}

function addResponse(
  fields: OpenFields,
  { reply: { status, headers }, startedMs, method }: {
    readonly reply: Reply;
    readonly startedMs: number;
    readonly method: string;
  },
): OpenFields {
  fields[LOG_FIELDS.responseContentType] = headers["content-type"];
  fields[LOG_FIELDS.responseDuration] = `${(performance.now() - startedMs).toFixed(3)}ms`;
  fields[LOG_FIELDS.responseStatus] = status;
  fields[LOG_FIELDS.responseWritten] = method === "HEAD"
    ? 0
    : Number(headers["content-length"] ?? 0);
  return fields;
}

/** The fields of each error of an answer. */
function errorFields(error: ApiError): LogFields[] {
  return error.entries.slice(0, MAX_ERROR_LINES).map(({ code, message, detail }) => ({
    [LOG_FIELDS.errorCode]: code.toLowerCase().replaceAll("_", " "),
    [LOG_FIELDS.errorMessage]: message ?? ERROR_CODES[code].message,
    [LOG_FIELDS.errorDetail]: detail,
    // What is not for the client, but for the operator.
    [LOG_FIELDS.errorStack]: detail === undefined ? causeText(error) : undefined,
  }));
}

function causeText({ cause }: ApiError): string | undefined {
  if (cause === undefined) return undefined;
  return cause instanceof Error ? cause.stack ?? cause.message : String(cause);
}

/** What is known of a request, in the order of the names: sorting them is then done soon. */
function requestFields(
  request: Request,
  { client, match, userName, requestId }: {
    readonly client: Client;
    readonly match: RouteMatch | undefined;
    readonly userName: string;
    readonly requestId: string;
  },
): OpenFields {
  const { headers, method, url } = request;
  const { host, path, search } = splitUrl(url);
  const fields: OpenFields = {};
  const add = (name: string, value: string | null | undefined) => {
    // What says nothing is left out.
    if (value !== undefined && value !== null && value !== "") fields[name] = value;
  };
  add(LOG_FIELDS.userName, userName);
  add(LOG_FIELDS.requestContentType, headers.get("content-type"));
  add(LOG_FIELDS.requestHost, host);
  add(LOG_FIELDS.requestId, requestId);
  add(LOG_FIELDS.requestMethod, method);
  add(LOG_FIELDS.requestReferer, headers.get("referer"));
  add(LOG_FIELDS.requestRemoteAddress, remoteAddress(headers, client));
  add(LOG_FIELDS.requestUri, path + search);
  add(LOG_FIELDS.requestUserAgent, headers.get("user-agent"));
  if (match === undefined) return fields;
  add(LOG_FIELDS.name, match.repository);
  const variableField = VARIABLE_FIELDS[match.route.tail.at(-1) ?? ""];
  if (variableField !== undefined) add(variableField, match.variable);
  return fields;
}
