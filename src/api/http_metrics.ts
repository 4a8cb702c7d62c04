import { HTTP_INSTRUMENTS } from "../metrics/instruments/http_instruments.ts";
import type { Counter, Family, Gauge, Histogram, Meter } from "../metrics/meter.ts";
import type { Reply } from "./reply.ts";
import type { RouteName } from "./routes.ts";

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

/** A request that is being measured. */
export interface MeasuredRequest {
  /**
   * Notes its answer.
   *
   * @param sent settles when the answer has gone out, if anybody can tell: a stream takes its time
   */
  end(reply: Reply, sent: Promise<unknown> | undefined): void;
}

/** Measures the requests of routes. */
export interface HttpMetrics {
  begin(route: RouteName, request: Request): MeasuredRequest;
}

/**
 * Makes what measures requests.
 *
 * Source: reference of Distribution, "Prometheus metrics".
 */
export function createHttpMetrics(meter: Meter): HttpMetrics {
  const routes = new Map<RouteName, RouteMetrics>();
  return {
    begin(name, request) {
      let route = routes.get(name);
      if (route === undefined) routes.set(name, route = new RouteMetrics(meter, name));
      return route.begin(request);
    },
  };
}

/** The series of one route, each made when it is first needed. */
class RouteMetrics {
  readonly inFlight: Gauge;
  readonly requestSize: Histogram;
  readonly responseSize: Histogram;
  readonly #name: RouteName;
  readonly #requests: Family<Counter, typeof HTTP_INSTRUMENTS.requests>;
  readonly #durations: Family<Histogram, typeof HTTP_INSTRUMENTS.duration>;
  readonly #methods = new Map<string, MethodMetrics>();

  constructor(meter: Meter, name: RouteName) {
    this.#name = name;
    this.inFlight = meter.gauge(HTTP_INSTRUMENTS.inFlight).with(name);
    this.requestSize = meter.histogram(HTTP_INSTRUMENTS.requestSize).with(name);
    this.responseSize = meter.histogram(HTTP_INSTRUMENTS.responseSize).with(name);
    this.#requests = meter.counter(HTTP_INSTRUMENTS.requests);
    this.#durations = meter.histogram(HTTP_INSTRUMENTS.duration);
  }

  begin(request: Request): MeasuredRequest {
    const { method, url } = request;
    this.inFlight.add(1);
    const contentBytes = BODY_METHODS.has(method)
      ? Number(request.headers.get("content-length") ?? 0)
      : 0;
    this.requestSize.observe(url.length + contentBytes);
    return new RouteRequest(this, this.#method(METHOD_LABELS[method] ?? "unknown"));
  }

  #method(label: string): MethodMetrics {
    const known = this.#methods.get(label);
    if (known !== undefined) return known;
    const codes = new Map<number, Counter>();
    const made: MethodMetrics = {
      duration: this.#durations.with(label, this.#name),
      code: (status) => {
        let counter = codes.get(status);
        if (counter === undefined) {
          codes.set(status, counter = this.#requests.with(String(status), label, this.#name));
        }
        return counter;
      },
    };
    this.#methods.set(label, made);
    return made;
  }
}

/** The series of one method of a route. */
interface MethodMetrics {
  readonly duration: Histogram;
  /** Counts the requests that were answered with a status. */
  code(status: number): Counter;
}

class RouteRequest implements MeasuredRequest {
  readonly #route: RouteMetrics;
  readonly #method: MethodMetrics;
  readonly #startedMs = performance.now();

  constructor(route: RouteMetrics, method: MethodMetrics) {
    this.#route = route;
    this.#method = method;
  }

  end(reply: Reply, sent: Promise<unknown> | undefined): void {
    // What is in memory is as good as sent.
    if (sent === undefined || !(reply.body instanceof ReadableStream)) return this.#end(reply);
    const end = () => this.#end(reply);
    sent.then(end, end);
  }

  #end({ status, headers }: Reply): void {
    this.#route.inFlight.add(-1);
    this.#route.responseSize.observe(Number(headers["content-length"] ?? 0));
    this.#method.duration.observe((performance.now() - this.#startedMs) / MS_PER_SECOND);
    this.#method.code(status).add();
  }
}
