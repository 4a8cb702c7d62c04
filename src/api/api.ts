/**
 * The HTTP face of a registry: one function from request to response.
 *
 * It knows the model by its contract alone, and neither sockets nor configuration. Every request
 * goes the same way: path, route, method, handler, response, log line.
 *
 * @module
 */

import type { Logger } from "@logtape/logtape";
import type { AccessController, Grant } from "../auth/controller.ts";
import { AuthError } from "../auth/errors.ts";
import type { Client } from "../base/client.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import type { EventRecorder } from "../notifications/event.ts";
import type { RegistryStore } from "../storage/store.ts";
import { authorize, refusalOf } from "./access.ts";
import { ApiError } from "./api_error.ts";
import type { ApiSettings } from "./api_settings.ts";
import { toApiError } from "./error_mapping.ts";
import type { HttpMetrics, MeasuredRequest } from "./http_metrics.ts";
import { findCopy } from "./namespaces.ts";
import { probeReply } from "./probes.ts";
import { cleanPath, splitUrl } from "./request_path.ts";
import { emptyReply, type Reply, textReply } from "./reply.ts";
import { RequestContext, requestOrigin } from "./request_context.ts";
import { type RequestLog, startRequestLog } from "./request_log.ts";
import { errorReply, toResponse } from "./respond.ts";
import { matchRoute, type RouteMatch, type RouteResult } from "./route_match.ts";
import type { Method, Operation, Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

/** What {@linkcode createApi} needs. */
export interface ApiOptions {
  readonly store: RegistryStore;
  readonly settings: ApiSettings;
  readonly log: Logger;
  /** The health checks that fail, with their reasons; `undefined` while none does. */
  readonly failures?: () => Readonly<Record<string, string>> | undefined;
  /** Measures requests. @default nothing does */
  readonly metrics?: HttpMetrics | undefined;
  /** Decides who may do what. @default everybody may do everything */
  readonly access?: AccessController | undefined;
  /** Is told what is done. @default nobody is */
  readonly events?: EventRecorder | undefined;
}

/** Answers a request; it never throws. */
export type ApiHandler = (request: Request, client: Client) => Promise<Response>;

/** Every answer to a path of the registry says which API it is. */
const VERSION_HEADERS = { "docker-distribution-api-version": "registry/2.0" } as const;

/** The answer to the root, which load balancers ask for. */
const ALIVE = emptyReply(200, { "cache-control": "no-cache" });

/** Builds the handler of a registry. */
export function createApi(options: ApiOptions): ApiHandler {
  const { settings, log, failures = () => undefined, metrics } = options;
  const routedHeaders = { ...VERSION_HEADERS, ...settings.headers };
  const apiRoot = `${settings.prefix}v2`;

  return async function handle(request, client) {
    const { path, search } = splitUrl(request.url);
    const { method } = request;
    const failed = failures();
    const probe = probeReply(path, failed);
    if (probe !== undefined) return toResponse(probe, { method, headers: {} });
    if (failed !== undefined) return unavailable(failed, method);
    if (path === "/") return toResponse(ALIVE, { method, headers: {} });
    const cleaned = cleanPath(path);
    const wanted = cleaned === apiRoot ? `${apiRoot}/` : cleaned;
    if (wanted !== path) return redirect(wanted + search, method);
    const requestLog = startRequestLog(log, request, client);
    let measured: MeasuredRequest | undefined;
    try {
      const match = findRoute(cleaned, apiRoot);
      if (match === undefined) {
        return await answerPage(options, { request, client, path: cleaned, requestLog });
      }
      if ("redirect" in match) {
        return redirect(`${apiRoot}/${encodePath(match.redirect)}${search}`, method);
      }
      measured = metrics?.begin(match.route.name, request);
      const parts = { request, client, match, path, search, requestLog };
      const reply = await answerNamespaced(options, parts);
      requestLog.completed(reply, client.sent);
      measured?.end(reply, { startedMs: requestLog.startedMs, sent: client.sent });
      return toResponse(reply, { method, headers: routedHeaders });
    } catch (error) {
      const reply = errorAnswer(error, requestLog);
      measured?.end(reply, { startedMs: requestLog.startedMs, sent: client.sent });
      return toResponse(reply, { method, headers: routedHeaders });
    }
  };
}

/** Finds the route of a path; `undefined` for what is not of the API. */
function findRoute(path: string, apiRoot: string): RouteResult {
  if (!path.startsWith(`${apiRoot}/`)) return undefined;
  return matchRoute(ROUTES, decodePath(path.slice(apiRoot.length)));
}

/** Answers a request, which may mean a copy by naming the registry that it is a copy of. */
function answerNamespaced(options: ApiOptions, parts: AnswerParts): Promise<Reply> {
  const { copies: names } = options.settings;
  if (names === undefined) return answer(options, parts);
  const { match, namespace } = findCopy(parts.match, { search: parts.search, names });
  const answered = answer(options, { ...parts, match });
  if (namespace === undefined) return answered;
  return answered.then((reply) => ({
    ...reply,
    headers: { ...reply.headers, "oci-namespace": namespace },
  }));
}

interface AnswerParts {
  readonly request: Request;
  readonly client: Client;
  readonly match: RouteMatch;
  readonly path: string;
  readonly search: string;
  readonly requestLog: RequestLog;
}

async function answer(options: ApiOptions, parts: AnswerParts): Promise<Reply> {
  const { store, settings, access, events } = options;
  const { request, client, match, search, requestLog } = parts;
  const operations = allowedOperations(match.route, settings.readOnly);
  // Not every method is a name of the table's own: "constructor" may be sent as well.
  const operation = Object.hasOwn(operations, request.method)
    ? operations[request.method as Method]
    : undefined;
  requestLog.matched(match);
  let grant: Grant | undefined;
  if (access !== undefined) {
    try {
      const origin = () => requestOrigin(settings, request);
      const { action } = operation ?? {};
      const granted = authorize(access, { request, client, match, action, search, origin });
      grant = granted instanceof Promise ? await granted : granted;
    } catch (error) {
      return refuse(error, requestLog);
    }
    requestLog.authorized(grant.userName);
  }
  if (request.method === "OPTIONS") return emptyReply(200, allowHeader(operations));
  if (operation === undefined) {
    const isChange = Object.hasOwn(match.route.operations, request.method);
    const message = isChange ? { message: "the registry is read-only for now" } : {};
    const headers = allowHeader(operations);
    throw new ApiError({ code: "UNSUPPORTED", ...message }, { status: 405, headers });
  }
  const context = new RequestContext({
    ...parts,
    search: search.slice(1),
    store,
    settings,
    events,
    ...grant === undefined ? {} : { grant },
  });
  return await operation.handle(context);
}

/**
 * Refuses a request. A failure of the controller's own is for the operator alone.
 *
 * @throws {ApiError} what the client is told
 */
function refuse(error: unknown, { logger }: RequestLog): Reply {
  const refusal = error instanceof AuthError ? refusalOf(error) : undefined;
  if (error instanceof AuthError && "reason" in error.detail) {
    const { reason } = error.detail;
    // Whoever has not signed in yet is told how to, hundreds of times a day.
    if (reason !== "credentials missing") {
      logger.warn("access refused", { [LOG_FIELDS.authFailure]: reason });
    }
  }
  if (refusal !== undefined) throw refusal;
  const message = error instanceof Error ? error.message : String(error);
  logger.error("cannot decide about access", { [LOG_FIELDS.errorMessage]: message });
  return emptyReply(400, {});
}

/** Answers what is no route of the API: a page of the controller's own, or nothing. */
async function answerPage(
  { access, settings }: ApiOptions,
  { request, client, path, requestLog }: Omit<AnswerParts, "match" | "search">,
): Promise<Response> {
  const below = path.startsWith(settings.prefix) ? path.slice(settings.prefix.length - 1) : "";
  const page = access?.pages?.get(below);
  if (page === undefined) return notFound(request.method);
  let response: Response;
  try {
    response = await page({ request, client, origin: () => requestOrigin(settings, request) });
  } catch (error) {
    response = toResponse(refuse(error, requestLog), { method: request.method, headers: {} });
  }
  requestLog.completed({ status: response.status, headers: {} });
  return response;
}

/** A registry that is read-only for now has no methods that change it. */
function allowedOperations(
  { operations }: Route,
  readOnly: boolean,
): Readonly<Partial<Record<string, Operation>>> {
  if (!readOnly) return operations;
  const pulls = Object.entries(operations).filter(([, { action }]) => action === "pull");
  return Object.fromEntries(pulls);
}

function allowHeader(
  operations: Readonly<Partial<Record<string, Operation>>>,
): { readonly allow: string } {
  return { allow: Object.keys(operations).sort().join(", ") };
}

function errorAnswer(error: unknown, requestLog: RequestLog): Reply {
  const apiError = toApiError(error);
  const reply = errorReply(apiError);
  requestLog.failed(apiError, reply);
  return reply;
}

function unavailable(failures: Readonly<Record<string, string>>, method: string): Response {
  const reasons = Object.entries(failures).map(([check, reason]) => `${check}: ${reason}`);
  const detail = `health checks fail: ${reasons.join("; ")}`;
  const reply = errorReply(new ApiError({ code: "UNAVAILABLE", detail }));
  return toResponse(reply, { method, headers: VERSION_HEADERS });
}

function redirect(location: string, method: string): Response {
  const headers = { location: escapeLocation(location) };
  return toResponse(emptyReply(301, headers), { method, headers: VERSION_HEADERS });
}

/** What no header may hold goes out escaped, and so does `\`, which browsers take for a slash. */
function escapeLocation(location: string): string {
  return location.toWellFormed().replaceAll(/[^\x21-\x5b\x5d-\x7e]+/g, encodeURIComponent);
}

function notFound(method: string): Response {
  const reply = textReply("404 page not found", { status: 404 });
  return toResponse(reply, { method, headers: VERSION_HEADERS });
}

/** Undoes {@linkcode decodePath}, so that no part of a path becomes a query. */
function encodePath(path: string): string {
  return encodeURI(path.toWellFormed()).replaceAll(/[?#]/g, encodeURIComponent);
}

/** An encoded slash separates like a plain one, as in Distribution. */
function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new ApiError({ code: "NAME_INVALID", detail: "malformed escape in path" }, { cause });
  }
}
