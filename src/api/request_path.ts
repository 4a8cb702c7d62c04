/**
 * The path of a request, as it was sent.
 *
 * `Request.url` is not parsed with `URL`, which costs more than all routing and would hide what
 * was sent by resolving `..` by itself.
 *
 * @module
 */

/** The parts of a request's URL, as they were sent. */
export interface SplitUrl {
  readonly scheme: string;
  /** With its port, where it has one. */
  readonly host: string;
  readonly path: string;
  /** The query with its question mark; empty where there is none. */
  readonly search: string;
}

/** Splits an absolute URL. */
export function splitUrl(url: string): SplitUrl {
  const schemeEnd = url.indexOf("://");
  const scheme = url.slice(0, schemeEnd);
  const start = url.indexOf("/", schemeEnd + 3);
  if (start < 0) return { scheme, host: url.slice(schemeEnd + 3), path: "/", search: "" };
  const host = url.slice(schemeEnd + 3, start);
  const question = url.indexOf("?", start);
  if (question < 0) return { scheme, host, path: url.slice(start), search: "" };
  return { scheme, host, path: url.slice(start, question), search: url.slice(question) };
}

/** The path without empty segments, `.` and `..`, encoded ones included. */
export function cleanPath(path: string): string {
  if (!/\/(?:\/|\.|%2e)/i.test(path)) return path;
  const kept: string[] = [];
  const segments = path.slice(1).split("/").map((segment) => segment.replaceAll(/%2e/gi, "."));
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const slash = ["", ".", ".."].includes(segments.at(-1) ?? "") && kept.length > 0 ? "/" : "";
  return `/${kept.join("/")}${slash}`;
}
