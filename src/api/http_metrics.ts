import { HTTP_INSTRUMENTS } from "../metrics/instruments/http_instruments.ts";
import type { Counter, Gauge, Histogram, Meter } from "../metrics/meter.ts";
import type { Reply } from "./reply.ts";
import type { RouteName } from "./route.ts";

const MS_PER_SECOND = 1000;

/** Methods that carry content; to ask the others for its length costs more than it tells. */
const BODY_METHODS: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** Methods as the label has them; any other is one that somebody made up. */
const METHOD_LABELS: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "head",
  POST: "post",
  PUT: "put",
  PATCH: "patch",
  DELETE: "delete",
  OPTIONS: "options",
};

/** When a request began, and when its answer is gone. */
export interface RequestTiming {
  /** By `performance.now`. */
  readonly startedMs: number;
  /** Settles when the answer has gone out, if anybody can tell: a stream takes its time. */
  readonly sent: Promise<unknown> | undefined;
}

/** A request that is being measured. */
export interface MeasuredRequest {
  /** Notes its answer. */
  end(reply: Reply, timing: RequestTiming): void;
}

/** Measures the requests of routes. */
export interface HttpMetrics {
  begin(route: RouteName, request: Request): MeasuredRequest;
}

/**
 * Makes what measures requests. It is on the way of each: everything that can be is looked up once
 * for each route, method and status, and nothing is made for a request.
 *
 * Source: reference of Distribution, "Prometheus metrics".
 */
export function createHttpMetrics(meter: Meter): HttpMetrics {
  const routes = new Map<RouteName, Map<string, MethodMetrics>>();
  return {
    begin(name, request) {
      const { method } = request;
      let methods = routes.get(name);
      if (methods === undefined) routes.set(name, methods = new Map());
      // Only methods that there are: whoever makes them up must not fill the memory.
      const known = method in METHOD_LABELS ? method : "";
      let metrics = methods.get(known);
      if (metrics === undefined) {
        metrics = new MethodMetrics(meter, { route: name, method: known });
        methods.set(known, metrics);
      }
      metrics.begin(request);
      return metrics;
    },
  };
}

/** The series of one method of a route. */
class MethodMetrics implements MeasuredRequest {
  readonly #inFlight: Gauge;
  readonly #requestSize: Histogram;
  readonly #responseSize: Histogram;
  readonly #duration: Histogram;
  readonly #hasBody: boolean;
  readonly #counterOf: (status: number) => Counter;
  readonly #counters = new Map<number, Counter>();

  constructor(meter: Meter, { route, method }: { route: RouteName; method: string }) {
    const label = METHOD_LABELS[method] ?? "unknown";
    const requests = meter.counter(HTTP_INSTRUMENTS.requests);
    this.#inFlight = meter.gauge(HTTP_INSTRUMENTS.inFlight).with(route);
    this.#requestSize = meter.histogram(HTTP_INSTRUMENTS.requestSize).with(route);
    this.#responseSize = meter.histogram(HTTP_INSTRUMENTS.responseSize).with(route);
    this.#duration = meter.histogram(HTTP_INSTRUMENTS.duration).with(label, route);
    this.#hasBody = BODY_METHODS.has(method);
    this.#counterOf = (status) => requests.with(String(status), label, route);
  }

  begin(request: Request): void {
    this.#inFlight.add(1);
    const contentBytes = this.#hasBody ? Number(request.headers.get("content-length") ?? 0) : 0;
    this.#requestSize.observe(request.url.length + contentBytes);
  }

  end(reply: Reply, { startedMs, sent }: RequestTiming): void {
    // What is in memory is as good as sent.
    if (sent === undefined || !(reply.body instanceof ReadableStream)) {
      this.#end(reply, startedMs);
      return;
    }
    const end = () => this.#end(reply, startedMs);
    sent.then(end, end);
  }

  #end({ status, headers }: Reply, startedMs: number): void {
    this.#inFlight.add(-1);
    this.#responseSize.observe(Number(headers["content-length"] ?? 0));
    this.#duration.observe((performance.now() - startedMs) / MS_PER_SECOND);
    let counter = this.#counters.get(status);
    if (counter === undefined) this.#counters.set(status, counter = this.#counterOf(status));
    counter.add();
  }
}
