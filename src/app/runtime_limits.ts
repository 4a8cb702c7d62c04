import type { CipherSuite, Config } from "../config/config.ts";
import { ConfigError, type ConfigProblem } from "../config/error.ts";
import { DEFAULT_CIPHER_SUITES } from "../config/sections/http_tls.ts";
import type { RuntimeQuirks } from "../server/runtime_quirks.ts";

/** What the configuration of a listener can ask for and the runtime may not have. */
interface RuntimeLimit {
  readonly path: string;
  readonly isHit: (http: Config["http"], quirks: RuntimeQuirks) => boolean;
  readonly message: string;
}

/** The first version of the runtime with whole servers in `node:https` and `node:http2`. */
const RUNTIME = "Deno 2.8.3 or later";

const LIMITS: readonly RuntimeLimit[] = [
  {
    path: "http.tls.clientcas",
    isHit: ({ tls }, { lacksNodeTls }) => lacksNodeTls && (tls?.clientCas.length ?? 0) > 0,
    message: `Run Stowage with ${RUNTIME}: this one cannot ask for client certificates`,
  },
  {
    path: "http.tls.minimumtls",
    isHit: ({ tls }, { lacksNodeTls }) => lacksNodeTls && tls?.minimumTls === "tls1.3",
    message: `Run Stowage with ${RUNTIME}: this one speaks TLS 1.2 to whoever wants it`,
  },
  {
    path: "http.http2.disabled",
    isHit: ({ http2, tls }, { lacksNodeTls }) =>
      lacksNodeTls && tls !== undefined && http2.disabled,
    message: `Run Stowage with ${RUNTIME}: this one offers HTTP/2 over TLS always`,
  },
  {
    // It would listen without TLS, and say nothing.
    path: "http.net",
    isHit: ({ net, tls }, { lacksNodeTls }) => lacksNodeTls && net === "unix" && tls !== undefined,
    message:
      `Run Stowage with ${RUNTIME}, or remove http.tls: this one speaks no TLS on a unix socket`,
  },
  {
    path: "http.tls.ciphersuites",
    isHit: ({ tls }) => tls !== undefined && !isDefault(tls.cipherSuites),
    message: "Remove the list, or name exactly those that are offered without one: the runtime " +
      `cannot choose among them, and has no others: ${DEFAULT_CIPHER_SUITES.join(", ")}`,
  },
];

function isDefault(suites: readonly CipherSuite[]): boolean {
  const chosen = new Set(suites);
  return chosen.size === DEFAULT_CIPHER_SUITES.length &&
    DEFAULT_CIPHER_SUITES.every((suite) => chosen.has(suite));
}

/**
 * Refuses a configuration of the listener that this runtime cannot serve.
 *
 * @throws {ConfigError} invalid: every such key, at once
 */
export function refuseRuntimeLimits({ http }: Config, quirks: RuntimeQuirks): void {
  const problems = LIMITS.filter(({ isHit }) => isHit(http, quirks)).map(toProblem);
  if (problems.length > 0) throw new ConfigError("invalid", { problems });
}

function toProblem({ path, message }: RuntimeLimit): ConfigProblem {
  return { path, found: "a value", expected: "what the runtime has", message };
}
