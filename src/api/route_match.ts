import { isDigest } from "../oci/digest.ts";
import {
  isRepositoryName,
  isTag,
  NAME_MAX_LENGTH,
  repositoryNameLength,
} from "../oci/reference.ts";
import { ApiError } from "./api_error.ts";
import type { PathVariable, Route } from "./route.ts";

/** What the path of a request says. */
export interface RouteMatch {
  readonly route: Route;
  /** Name of the repository; empty where the route has none. */
  readonly repository: string;
  /** Value of the route's variable; empty where it has none. */
  readonly variable: string;
}

/** What becomes of a path: a match, the spelling to go to instead, or nothing. */
export type RouteResult = RouteMatch | { readonly redirect: string } | undefined;

const MAX_SEGMENT_LENGTH = 255;
const STORABLE_REGEXP = /^[A-Za-z0-9._/-]+$/;
const UPLOAD_ID_REGEXP = /^[A-Za-z0-9_.=-]+$/;

/**
 * Finds the route of a path.
 *
 * @param routes the table, in the order in which rows are tried
 * @param path the path behind `/v2`, decoded, with its leading slash
 * @throws {ApiError} NAME_INVALID, DIGEST_INVALID, MANIFEST_UNKNOWN, BLOB_UPLOAD_UNKNOWN: a route
 * has this form, but a part of the path is not what it should be
 */
export function matchRoute(routes: readonly Route[], path: string): RouteResult {
  const segments = path.split("/").slice(1);
  for (const route of routes) {
    if (!fits(route, segments)) continue;
    return readParts(route, segments);
  }
  const other = path.endsWith("/") ? segments.slice(0, -1) : [...segments, ""];
  return routes.some((route) => fits(route, other)) ? { redirect: other.join("/") } : undefined;
}

function fits(route: Route, segments: readonly string[]): boolean {
  const { tail, named } = route;
  const start = segments.length - tail.length;
  if (named ? start < 1 : start !== 0) return false;
  return tail.every((part, index) => {
    const segment = segments[start + index] ?? "";
    // "blobs/uploads" is a blob route without its digest, and an upload route without its slash.
    if (part === ":digest") return segment !== "" && segment !== "uploads";
    return part.startsWith(":") ? segment !== "" : part === segment;
  });
}

function readParts(route: Route, segments: readonly string[]): RouteMatch {
  const start = segments.length - route.tail.length;
  const repository = segments.slice(0, start).join("/");
  if (route.named) checkName(repository);
  const last = route.tail.at(-1) ?? "";
  if (!last.startsWith(":")) return { route, repository, variable: "" };
  const variable = segments.at(-1) ?? "";
  VARIABLE_CHECKS[last.slice(1) as PathVariable](variable, repository);
  return { route, repository, variable };
}

/** Refuses names that the grammar does not have, and those that no storage can hold. */
function checkName(name: string): void {
  if (isStorableName(name)) return;
  const isOther = name.length <= NAME_MAX_LENGTH && !isRepositoryName(name);
  throw new ApiError({ code: "NAME_INVALID" }, { status: isOther ? 404 : 400 });
}

/** Tells whether `name` may name a repository, and a storage can hold it. */
export function isStorableName(name: string): boolean {
  // The length goes first: the grammar's expression is not meant for names without end.
  return name.length <= 2 * MAX_SEGMENT_LENGTH && isRepositoryName(name) &&
    STORABLE_REGEXP.test(name) && repositoryNameLength(name) <= NAME_MAX_LENGTH &&
    name.split("/").every((segment) => segment.length <= MAX_SEGMENT_LENGTH);
}

const VARIABLE_CHECKS: Readonly<Record<PathVariable, (text: string, name: string) => void>> = {
  reference(text, name) {
    if (isTag(text) || isDigest(text)) return;
    if (text.includes(":")) throw new ApiError({ code: "DIGEST_INVALID" });
    const detail = `unknown tag=${text.slice(0, MAX_SEGMENT_LENGTH)}`;
    throw new ApiError({ code: "MANIFEST_UNKNOWN", detail: `${detail} in ${name}` });
  },
  // A digest is read, and refused with a reason, where it is used.
  digest() {},
  uuid(text) {
    if (!UPLOAD_ID_REGEXP.test(text)) throw new ApiError({ code: "BLOB_UPLOAD_UNKNOWN" });
  },
};
