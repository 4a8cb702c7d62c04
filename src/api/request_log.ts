import type { Logger } from "@logtape/logtape";
import { generate as generateUuid } from "@std/uuid/v7";
import type { ApiError } from "./api_error.ts";
import { ERROR_CODES } from "./error_codes.ts";
import type { Reply } from "./reply.ts";
import type { Client } from "./request_context.ts";
import { splitUrl } from "./request_path.ts";
import type { RouteMatch } from "./route_match.ts";

/** Writes the lines of one request. Nothing is put together for a line that is not written. */
export interface RequestLog {
  /** For lines in between; knows the request. */
  readonly logger: Logger;
  /** Notes what the path says. */
  matched(match: RouteMatch): void;
  /** Writes the last line of a request that was answered. */
  completed(reply: Reply): void;
  /** Writes the lines of a request that failed. */
  failed(error: ApiError): void;
}

/** Which variable of the path a route has, in the names of Distribution's log. */
const VARIABLE_FIELDS: Readonly<Record<string, string>> = {
  ":reference": "vars.reference",
  ":digest": "vars.digest",
  ":uuid": "vars.uuid",
};

/** Begins the log of a request. */
export function startRequestLog(log: Logger, request: Request, client: Client): RequestLog {
  const startedMs = performance.now();
  let match: RouteMatch | undefined;
  let logger: Logger | undefined;
  const requestLogger = () => logger ??= log.with(requestFields(request, client, match));
  const responseFields = (status: number, headers: Readonly<Record<string, string>>) => ({
    "http.response.status": status,
    "http.response.written": Number(headers["content-length"] ?? 0),
    "http.response.duration": `${(performance.now() - startedMs).toFixed(3)}ms`,
    "http.response.contenttype": headers["content-type"],
  });
  return {
    get logger() {
      return requestLogger();
    },
    matched(found) {
      match = found;
    },
    completed({ status, headers }) {
      if (!log.isEnabledFor("info")) return;
      requestLogger().info("response completed", responseFields(status, headers));
    },
    failed(error) {
      if (!log.isEnabledFor("error")) return;
      for (const { code, message, detail } of error.entries) {
        const fields = {
          ...responseFields(error.status, {}),
          "err.code": code.toLowerCase().replaceAll("_", " "),
          "err.message": message ?? ERROR_CODES[code].message,
          "err.detail": detail ?? causeText(error),
        };
        requestLogger().error("response completed with error", fields);
      }
    },
  };
}

/** What is not for the client, but for the operator. */
function causeText({ cause }: ApiError): string | undefined {
  if (cause === undefined) return undefined;
  return cause instanceof Error ? cause.stack ?? cause.message : String(cause);
}

function requestFields(
  request: Request,
  client: Client,
  match: RouteMatch | undefined,
): Record<string, string> {
  const { headers, method, url } = request;
  const { host, path, search } = splitUrl(url);
  const fields: Record<string, string | null> = {
    "http.request.id": generateUuid(),
    "http.request.method": method,
    "http.request.host": host,
    "http.request.uri": path + search,
    "http.request.remoteaddr": remoteAddress(headers, client),
    "http.request.referer": headers.get("referer"),
    "http.request.useragent": headers.get("user-agent"),
    "http.request.contenttype": headers.get("content-type"),
    "vars.name": match?.repository ?? "",
  };
  const field = VARIABLE_FIELDS[match?.route.tail.at(-1) ?? ""];
  if (field !== undefined) fields[field] = match?.variable ?? "";
  const present = Object.entries(fields).filter(([, value]) => value !== null && value !== "");
  return Object.fromEntries(present) as Record<string, string>;
}

const ADDRESS_REGEXP = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/;

/** Source: reference of Distribution, "Application log", client address. */
function remoteAddress(headers: Headers, { address, port }: Client): string {
  const forwarded = headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "";
  if (ADDRESS_REGEXP.test(forwarded)) return forwarded;
  const real = headers.get("x-real-ip")?.trim() ?? "";
  if (ADDRESS_REGEXP.test(real)) return real;
  if (port === undefined) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
