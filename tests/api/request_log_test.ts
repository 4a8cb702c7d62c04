import { configureSync, getLogger, type LogLevel, type LogRecord } from "@logtape/logtape";
import { assertEquals, assertMatch } from "@std/assert";
import { errorReply } from "../../src/api/respond.ts";
import { ApiError } from "../../src/api/api_error.ts";
import { emptyReply } from "../../src/api/reply.ts";
import { startRequestLog } from "../../src/api/request_log.ts";
import { matchRoute, type RouteMatch } from "../../src/api/route_match.ts";
import { ROUTES } from "../../src/api/routes.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";

/** Everything that one request logs. */
function logOf(
  use: (log: ReturnType<typeof startRequestLog>) => void,
  {
    headers = {},
    path = "/v2/?a=b",
    level = "debug",
    client = { address: "10.0.0.1", port: 9 },
    method = "PUT",
  }: {
    method?: string;
    headers?: Record<string, string>;
    path?: string;
    level?: LogLevel;
    client?: { address: string; port?: number };
  } = {},
): LogRecord[] {
  const records: LogRecord[] = [];
  configureSync({
    reset: true,
    sinks: { records: (record) => void records.push(record) },
    loggers: [
      { category: ["stowage"], sinks: ["records"], lowestLevel: level },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  const request = new Request(`http://registry.test:5000${path}`, { method, headers });
  use(startRequestLog(getLogger(["stowage"]), request, client));
  return records;
}

/** The fields of the only record. */
function fieldsOf(records: readonly LogRecord[]): Record<string, unknown> {
  assertEquals(records.length, 1);
  return { ...records[0]?.properties };
}

function matchOf(path: string): RouteMatch {
  const match = matchRoute(ROUTES, path);
  if (match === undefined || "redirect" in match) throw new Error(`no route: ${path}`);
  return match;
}

Deno.test("RequestLog.completed writes what was asked and what was answered", () => {
  const headers = {
    "referer": "http://r/",
    "user-agent": "tester/1",
    "content-type": "application/json",
  };
  const records = logOf((log) => {
    log.matched(matchOf("/foo/bar/manifests/v1"));
    log.completed({ status: 201, headers: { "content-length": "5", "content-type": "a/b" } });
  }, { headers });

  assertEquals(records.map(({ level, rawMessage }) => [level, rawMessage]), [
    ["info", "response completed"],
  ]);
  const {
    "http.request.id": id,
    "http.response.duration": duration,
    ...fields
  } = fieldsOf(records);
  assertMatch(String(id), /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  assertMatch(String(duration), /^\d+\.\d{3}ms$/);
  assertEquals(fields, {
    "http.request.method": "PUT",
    "http.request.host": "registry.test:5000",
    "http.request.uri": "/v2/?a=b",
    "http.request.remoteaddr": "10.0.0.1:9",
    "http.request.referer": "http://r/",
    "http.request.useragent": "tester/1",
    "http.request.contenttype": "application/json",
    "vars.name": "foo/bar",
    "vars.reference": "v1",
    "http.response.status": 201,
    "http.response.written": 5,
    "http.response.contenttype": "a/b",
  });
});

Deno.test("RequestLog names the variable of each route as Distribution does", () => {
  const cases = {
    "/": {},
    "/_catalog": {},
    "/foo/tags/list": { "vars.name": "foo" },
    [`/foo/blobs/${EMPTY_DIGEST}`]: { "vars.name": "foo", "vars.digest": EMPTY_DIGEST },
    [`/foo/referrers/${EMPTY_DIGEST}`]: { "vars.name": "foo", "vars.digest": EMPTY_DIGEST },
    "/foo/blobs/uploads/": { "vars.name": "foo" },
    "/foo/blobs/uploads/id": { "vars.name": "foo", "vars.uuid": "id" },
  };
  for (const [path, expected] of Object.entries(cases)) {
    const records = logOf((log) => {
      log.matched(matchOf(path));
      log.completed(emptyReply(200, {}));
    });
    const variables = Object.entries(fieldsOf(records)).filter(([name]) => name.startsWith("vars"));
    assertEquals(Object.fromEntries(variables), expected);
  }
});

Deno.test("RequestLog.completed has nothing written where only headers are asked for", () => {
  const records = logOf((log) => {
    log.completed({ status: 200, headers: { "content-length": "5" } });
  }, { method: "HEAD" });

  assertEquals(fieldsOf(records)["http.response.written"], 0);
});

Deno.test("RequestLog.completed waits until a stream is sent, and says if it was broken off", async () => {
  const reply = { status: 200, headers: {}, body: new ReadableStream<Uint8Array<ArrayBuffer>>() };
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const records = logOf((log) => {
    for (const { promise } of ends) log.completed(reply, promise);
  });
  assertEquals(records, []);

  ends[0]?.resolve();
  ends[1]?.reject(new Error("the client has gone"));
  await Promise.allSettled(ends.map(({ promise }) => promise));

  assertEquals(records.map(({ rawMessage }) => rawMessage), [
    "response completed",
    "response broken off",
  ]);
});

Deno.test("RequestLog.logger knows the request, and keeps its id", () => {
  const records = logOf((log) => {
    log.logger.warn("in between");
    log.completed(emptyReply(200, {}));
  });

  assertEquals(records.map(({ rawMessage }) => rawMessage), ["in between", "response completed"]);
  const ids = records.map(({ properties }) => properties["http.request.id"]);
  assertEquals(ids[0], ids[1]);
  assertEquals(records[0]?.properties["http.request.method"], "PUT");
});

Deno.test("RequestLog.failed writes a line for each error, with its cause for the operator", () => {
  const cause = new Error("no network");
  const error = new ApiError([
    { code: "MANIFEST_BLOB_UNKNOWN", detail: EMPTY_DIGEST },
    { code: "DENIED", message: "not you" },
  ], { cause });
  const records = logOf((log) => log.failed(error, errorReply(error)));

  for (const { rawMessage, properties } of records) {
    assertEquals(rawMessage, "response completed with error");
    assertEquals(properties["http.response.status"], 400);
  }
  const shown = records.map(({ properties }) => properties);
  assertEquals(
    shown.map((record) => [record["err.code"], record["err.message"]]),
    [["manifest blob unknown", "blob unknown to registry"], ["denied", "not you"]],
  );
  assertEquals(shown[0]?.["err.detail"], EMPTY_DIGEST);
  assertEquals(shown[1]?.["err.detail"], undefined);
  assertMatch(String(shown[1]?.["err.stack"]), /^Error: no network/);
});

Deno.test("RequestLog.failed takes what the client did for no error of the registry", () => {
  const levels = [400, 404, 499, 500, 503, 507].map((status) => {
    const error = new ApiError({ code: "UNKNOWN" }, { status });
    return logOf((log) => log.failed(error, errorReply(error))).map(({ level }) => level);
  });

  assertEquals(levels.flat(), ["info", "info", "info", "error", "error", "error"]);
});

Deno.test("RequestLog.failed without a cause, or with an odd one, is written all the same", () => {
  for (const [cause, expected] of [[undefined, undefined], ["text", "text"], [null, "null"]]) {
    const error = new ApiError({ code: "UNKNOWN" }, { cause });
    const fields = fieldsOf(logOf((log) => log.failed(error, errorReply(error))));
    assertEquals(fields["err.stack"], expected);
  }
});

Deno.test("RequestLog writes nothing below the level of the log", () => {
  const write = (log: ReturnType<typeof startRequestLog>) => {
    log.completed(emptyReply(200, {}));
    const error = new ApiError({ code: "UNKNOWN" });
    log.failed(error, errorReply(error));
  };

  assertEquals(logOf(write, { level: "error" }).map(({ level }) => level), ["error"]);
  assertEquals(logOf(write, { level: "fatal" }), []);
});

/** Headers, where the connection comes from, and the address that is written. */

Deno.test("RequestLog says who asks", () => {
  const headers = { "x-forwarded-for": "1.2.3.4" };
  const client = { address: "10.0.0.1", port: 80 };

  const records = logOf((log) => log.completed(emptyReply(200, {})), { headers, client });

  assertEquals(fieldsOf(records)["http.request.remoteaddr"], "1.2.3.4");
});
