import type { Report } from "../_report.ts";
import {
  choice,
  duration,
  flag,
  integer,
  list,
  mapOf,
  type Output,
  section,
  text,
} from "../fields.ts";
import { present } from "./_present.ts";
import { checkHeaders, HOST_PORT, isHostPort, parseUrl, PEERS } from "./_rules.ts";
import { resolveTls, type TlsConfig, tlsSection } from "./http_tls.ts";

const debugSection = section({
  addr: text({
    about: "Where the debug server listens, `host:port`; it asks nobody's name.",
    rule: HOST_PORT,
  }),
  prometheus: section({
    enabled: flag({ about: "Serve metrics, and measure HTTP requests.", default: false }),
    path: text({ about: "Path of the metrics.", default: "/metrics" }),
  }, { about: "Metrics for Prometheus." }),
}, { about: "A second listener for health, metrics and diagnosis." });

/** The fields of `http`. */
export const httpSection = section({
  addr: text({
    about: "Where to listen: `host:port`, or the path of a socket with `net: unix`.",
    default: ":5000",
  }),
  net: choice(["tcp", "unix"], { about: "Kind of address.", default: "tcp" }),
  host: text({
    about: "URL under which clients reach the registry, prefix included; used for every URL that " +
      "the registry hands out, whatever headers say.",
  }),
  prefix: text({
    about: "Path below which the whole registry lives, such as `/test/`.",
    default: "/",
    rule: { expected: 'a path that begins with "/"', test: (value) => value.startsWith("/") },
  }),
  secret: text({
    about: "Key of the signature of upload state; the same on every replica.",
    defaultText: "random",
    secret: true,
  }),
  relativeurls: flag({ about: "Hand out URLs without scheme and host.", default: false }),
  draintimeout: duration({
    about: "How long requests in flight may take to end after SIGINT or SIGTERM; 0 ends at once.",
    default: 0,
    min: 0,
  }),
  headers: mapOf(list(text({ about: "A value." }), { about: "Values of the header." }), {
    about: "Headers that are added to the answers of every route.",
  }),
  tls: tlsSection,
  debug: debugSection,
  http2: section({
    disabled: flag({ about: "Offer HTTP/1.1 alone over TLS.", default: false }),
  }, { about: "HTTP/2 over TLS." }),
  h2c: section({
    enabled: flag({
      about: "Speak HTTP/2 without TLS too, to clients that begin so.",
      default: false,
    }),
  }, { about: "HTTP/2 without TLS." }),
  trustedproxies: list(text({ about: "An address, a network, or `unix`.", rule: PEERS }), {
    about: "Proxies whose `X-Forwarded-For` tells by which address failed passwords are counted.",
    own: true,
  }),
  workers: integer({
    about: "Threads that serve requests.",
    defaultText: "chosen at start",
    unit: "threads",
    min: 1,
    max: 1024,
    own: true,
  }),
}, { about: "The listeners." });

/** The debug server. */
export interface DebugConfig {
  /** `host:port`. */
  readonly addr: string;
  /** Metrics for Prometheus. */
  readonly prometheus: {
    readonly enabled: boolean;
    /** Begins with a slash. */
    readonly path: string;
  };
}

/** The section `http`. */
export interface HttpConfig {
  /** `host:port` (the host may be empty), or the path of a socket. */
  readonly addr: string;
  /** Kind of address. */
  readonly net: "tcp" | "unix";
  /** Base of every URL handed out, with scheme and host; absent: from the request. */
  readonly host?: string;
  /** Begins and ends with a slash. */
  readonly prefix: string;
  /** Key of the signature of upload state; absent: make a random one. */
  readonly secret?: string;
  /** Whether URLs are handed out without scheme and host. */
  readonly relativeUrls: boolean;
  /** 0: no drain. */
  readonly drainTimeoutMs: number;
  /** Headers of the answers of every route. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Absent: no TLS. */
  readonly tls?: TlsConfig;
  /** Absent: no debug server. */
  readonly debug?: DebugConfig;
  /** HTTP/2 over TLS. */
  readonly http2: { readonly disabled: boolean };
  /** HTTP/2 without TLS. */
  readonly h2c: { readonly enabled: boolean };
  /** Addresses, networks as `10.0.0.0/8`, and `unix`: proxies whose word on clients counts. */
  readonly trustedProxies: readonly string[];
  /** Threads that serve, 1 or more; absent: chosen at start. */
  readonly workers?: number;
}

type HttpInput = Output<typeof httpSection>;

/** Makes the section's final form. */
export function resolveHttp(raw: HttpInput, report: Report): HttpConfig {
  checkAddress(raw, report);
  checkHeaders(raw.headers, { path: ["http", "headers"], report });
  const host = resolveHost(raw, report);
  const tls = resolveTls(raw.tls, report);
  const debug = resolveDebug(raw, report);
  return present({
    addr: raw.addr,
    net: raw.net,
    host,
    prefix: raw.prefix.endsWith("/") ? raw.prefix : `${raw.prefix}/`,
    secret: raw.secret,
    relativeUrls: raw.relativeurls,
    drainTimeoutMs: raw.draintimeout,
    headers: raw.headers,
    tls,
    debug,
    http2: raw.http2,
    h2c: raw.h2c,
    trustedProxies: raw.trustedproxies,
    workers: raw.workers,
  });
}

function checkAddress({ net, addr }: HttpInput, report: Report): void {
  if (net !== "tcp" || isHostPort(addr)) return;
  report.problem(["http", "addr"], {
    expected: HOST_PORT.expected,
    message: `Give ${HOST_PORT.expected}, not "${addr}"; ` +
      "for the path of a socket set http.net to unix",
  });
}

/** Source: Distribution, which leaves out a host without scheme or name. */
function resolveHost({ host }: HttpInput, report: Report): string | undefined {
  if (host === undefined) return undefined;
  const expected = 'a URL with scheme and host, such as "https://registry.example.com"';
  if (parseUrl(host) !== undefined) return host;
  report.warn(["http", "host"], {
    expected,
    message: `Ignoring the host, which is not ${expected}`,
  });
  return undefined;
}

function resolveDebug({ debug }: HttpInput, report: Report): DebugConfig | undefined {
  const { addr, prometheus } = debug;
  if (addr !== undefined) {
    const path = prometheus.path.startsWith("/") ? prometheus.path : `/${prometheus.path}`;
    return { addr, prometheus: { enabled: prometheus.enabled, path } };
  }
  if (prometheus.enabled) {
    report.warn(["http", "debug", "prometheus", "enabled"], {
      message: "Set http.debug.addr: without it there is no listener for the metrics",
    });
  }
  return undefined;
}
