import type { TextMapGetter } from "@opentelemetry/api";
import type { StorageDriver } from "../drivers/driver.ts";

/** Where an implementation of OpenTelemetry makes itself known to the API of version 1. */
const API_SYMBOL = Symbol.for("opentelemetry.js.api.1");

/** What traces requests and the storage calls that they make. */
export interface Tracing {
  /** Makes spans of the calls of a driver. */
  traceDriver(driver: StorageDriver): StorageDriver;
  /** Answers a request in its span, so that what is traced meanwhile comes below it. */
  traceRequest(request: Request, answer: () => Promise<Response>): Promise<Response>;
}

/**
 * Tells what traces, if anybody listens: the runtime does where `OTEL_DENO` says so, and the
 * program around the library may. Otherwise nothing is loaded.
 */
export async function findTracing(): Promise<Tracing | undefined> {
  if (!(API_SYMBOL in globalThis)) return undefined;
  const { context, propagation, SpanKind, trace } = await import("@opentelemetry/api");
  const { traceDriver } = await import("../drivers/trace_driver.ts");
  const tracer = trace.getTracer("stowage");
  return {
    traceDriver: (driver) => traceDriver(driver, tracer),
    async traceRequest(request, answer) {
      const { method, headers, url } = request;
      const path = new URL(url).pathname;
      // Source: reference of Distribution, "Handler chain".
      const name = `${method} ${path}`;
      const active = trace.getActiveSpan();
      if (active !== undefined) {
        active.updateName(name);
        return await answer();
      }
      // The runtime makes a span of its own only for some listeners.
      const attributes = { "http.request.method": method, "url.path": path };
      const parent = propagation.extract(context.active(), headers, HEADERS_GETTER);
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
      try {
        const response = await context.with(trace.setSpan(parent, span), answer);
        span.setAttribute("http.response.status_code", response.status);
        return response;
      } finally {
        span.end();
      }
    },
  };
}

const HEADERS_GETTER: TextMapGetter<Headers> = {
  get: (headers, name) => headers.get(name) ?? undefined,
  keys: (headers) => [...headers.keys()],
};
